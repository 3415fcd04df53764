// Questions about one latent that its statistics do not answer: what a silent one almost fires on, which
// latents fire with it on every token. Each runs when asked, one at a time.
import { elementAt } from '../../core/elementAt';
import { dot } from '../../core/numeric/vectors';
import { encoderColumn } from '../../core/sae/latentWeights';
import { MIN_TOGETHER, PARTNERS, phiBound, phiOf } from '../../core/statistics/coActivation';
import { EMPTY_SLOT, type SaeParams } from '../../core/sae/sae';
import { forEachCapture } from '../activations/activationFeed';
import type { ModelRuntime } from '../../model/modelTypes';
import type { Tokenizer } from '../../model/tokenizer';
import type { ModelFacts } from '../model/api';
import type { SaeFacts } from '../sae/api';
import type { PartnerLatent } from '../statistics/api';
import type { NearestMisses } from './api';
import { checkLatentIndex } from '../sae/checkLatentIndex';
import { firesOnOf } from '../statistics/dashboard';
import { viewToken } from '../model/tokenView';
import { makeJobSlot } from '../jobs';
import type { JobId } from '../shared/api';
import type { EngineHosts } from '../hosts';
import { checkSaeFits } from '../sae/saeFit';
import { STATISTICS_CONTEXT } from '../../core/statistics/statisticsMemory';

/** Tokens searched for nearest misses. */
const SEARCHED_TOKENS = 16_384;
const MISSES = 10;

export type LatentInquiry = {
  nearestMisses: (saeId: string, latentIndex: number, jobId?: JobId) => Promise<NearestMisses>;
  exactPartners: (
    saeId: string,
    latentIndex: number,
    tokens: number,
    jobId?: JobId,
  ) => Promise<{ partners: PartnerLatent[]; partnerTokens: number }>;
};

/** The SAE that is asked about, with the model it reads. */
type OpenedSae = {
  facts: SaeFacts;
  tokenizer: Tokenizer;
  model: ModelFacts;
  params: SaeParams;
  runtime: ModelRuntime;
};

export function createLatentInquiry(o: EngineHosts): LatentInquiry {
  const { modelHost, library } = o;
  // Its progress is shown in the place of the statistics' progress.
  const slot = makeJobSlot(o, {
    kind: 'statistics',
    cancelled: 'The question was cancelled.',
    busy: 'Another question about a feature is being answered. Cancel it first.',
  });

  modelHost.onClosing(slot.end);

  const open = async (saeId: string, latentIndex: number): Promise<OpenedSae> => {
    const facts = await library.get(saeId);
    checkLatentIndex(latentIndex, facts.d_sae);
    const { tokenizer, facts: model } = modelHost.current();
    checkSaeFits(facts, model);
    const params = await library.params(facts.saeId);
    return { facts, tokenizer, model, params, runtime: await modelHost.runtime() };
  };

  const pack = ({ tokenizer, model }: OpenedSae) =>
    o.corpusHost.current().pack(tokenizer, 'all', {
      contextSize: Math.min(STATISTICS_CONTEXT, model.sequence_len),
      seed: 0,
      epoch: 0,
    });

  return {
    nearestMisses: (saeId, latentIndex, jobId) =>
      slot.run(jobId, async ({ step }) => {
        const opened = await open(saeId, latentIndex);
        const { facts, runtime, params, tokenizer } = opened;
        const corpus = await pack(opened);
        const backend = await o.device.sae();
        const column = preActivationReader(params, latentIndex);
        const best: {
          act: number;
          tokens: NearestMisses['examples'][number]['tokens'];
          peak: number;
        }[] = [];
        let searched = 0;
        await forEachCapture({ runtime, corpus, hook: facts.hookPoint }, async (captured) => {
          const data = await backend.readMatrix(captured.activations);
          const preActs = Float32Array.from(captured.tokenIds, () => NaN);
          for (const row of captured.rows) {
            preActs[row] = column(data.subarray(row * params.d_in, (row + 1) * params.d_in));
          }
          for (let from = 0; from < preActs.length; from += corpus.contextSize) {
            const part = preActs.subarray(from, from + corpus.contextSize);
            const peak = strongestOf(part);
            if (peak === null) continue;
            const tokens = Array.from(part, (act, i) => ({
              ...viewToken(tokenizer, elementAt(captured.tokenIds, from + i)),
              act: Number.isNaN(act) ? 0 : act,
            }));
            best.push({ act: elementAt(part, peak), tokens, peak });
            best.sort((a, b) => b.act - a.act);
            best.length = Math.min(best.length, MISSES);
          }
          searched += captured.rows.length;
          const total = Math.max(searched, SEARCHED_TOKENS);
          await step('Searching for nearest misses', searched, total, 'tokens');
          return searched < SEARCHED_TOKENS;
        });
        const examples = best.map((one) => ({ ...one, repeats: 1, firstPosition: 0 }));
        return { tokensSearched: searched, examples };
      }),

    exactPartners: (saeId, latentIndex, tokens, jobId) =>
      slot.run(jobId, async ({ step }) => {
        const opened = await open(saeId, latentIndex);
        const { facts, runtime, params } = opened;
        const corpus = await pack(opened);
        const backend = await o.device.sae();
        const encoder = await backend.createEncoder(params);
        const fired = new Uint32Array(params.d_sae);
        const together = new Uint32Array(params.d_sae);
        let seen = 0;
        try {
          await forEachCapture({ runtime, corpus, hook: facts.hookPoint }, async (captured) => {
            const code = await encoder.encode(captured.activations, captured.rows);
            for (let first = 0; first < code.latentIndices.length; first += code.k) {
              const slots = [first, first + code.k] as const;
              const acts = code.latentActs.subarray(...slots);
              // A latent kept with 0, as one of a zero decoder row is, does not fire.
              const active = code.latentIndices
                .subarray(...slots)
                .filter((latent, slot) => latent !== EMPTY_SLOT && elementAt(acts, slot) > 0);
              const isTogether = active.includes(latentIndex);
              for (const latent of active) {
                fired[latent] = elementAt(fired, latent) + 1;
                if (isTogether) together[latent] = elementAt(together, latent) + 1;
              }
            }
            seen += captured.rows.length;
            await step('Counting co-activation', seen, Math.max(seen, tokens), 'tokens');
            return seen < tokens;
          });
        } finally {
          encoder.dispose();
        }
        const statistics = await library.statistics(saeId);
        const own = elementAt(fired, latentIndex);
        const partners = [...together.entries()]
          .filter(([other, both]) => both >= MIN_TOGETHER && other !== latentIndex)
          .map(([other, both]) => {
            const fires = elementAt(fired, other);
            return { other, both, fires, bound: phiBound(seen, own, fires, both) };
          })
          .filter(({ bound }) => bound > 0)
          .sort((a, b) => b.bound - a.bound || a.other - b.other)
          .slice(0, PARTNERS)
          .map(({ other, both, fires }) => ({
            latentIndex: other,
            firesOn: statistics === null ? null : firesOnOf(statistics, other),
            phi: phiOf(seen, own, fires, both),
            together: both,
            conditional: both / own,
          }));
        return { partners, partnerTokens: seen };
      }),
  };
}

/** h of one latent for a row of the residual stream: the input of its activation rule. */
function preActivationReader(params: SaeParams, latent: number): (x: Float32Array) => number {
  const { b_enc, b_dec, applyBDecToInput } = params;
  const column = encoderColumn(params, latent);
  let bias = b_enc[latent] ?? 0;
  // Gated opens where this is above 0.
  if (params.architecture === 'gated') bias += elementAt(params.b_gate, latent);
  if (applyBDecToInput) bias -= dot(b_dec, column);
  return (x) => bias + dot(x, column);
}

/** Index of the largest value that is a number; null without any. */
function strongestOf(values: Float32Array): number | null {
  let best: number | null = null;
  for (const [i, value] of values.entries()) {
    if (!Number.isNaN(value) && (best === null || value > elementAt(values, best))) best = i;
  }
  return best;
}

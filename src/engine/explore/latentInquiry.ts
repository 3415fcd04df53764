// Questions about one latent that its statistics do not answer: what a silent one almost fires on, which
// latents fire with it on every token. Each runs when asked, one at a time.
import { elementAt } from '../../core/elementAt';
import { dot } from '../../core/numeric/vectors';
import { encoderColumn } from '../../core/sae/latentWeights';
import { rankPartners } from '../../core/statistics/coActivation';
import { EMPTY_SLOT, type SaeParams } from '../../core/sae/sae';
import { countedUnit, forEachCapture } from '../activations/activationFeed';
import type { ModelRuntime } from '../../model/modelTypes';
import type { Tokenizer } from '../../model/tokenizer';
import type { SaeFacts } from '../sae/api';
import type { PartnerLatent } from '../statistics/api';
import type { NearestMisses } from './api';
import type { PackedCorpus } from '../text/corpusHost';
import { checkLatentIndex } from '../sae/checkLatentIndex';
import { firesOnOf } from '../statistics/dashboard';
import { viewToken } from '../model/tokenView';
import { makeJobSlot, type Job } from '../jobs';
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

/** The SAE that is asked about, the model it reads and the text on which both are asked. */
type OpenedSae = {
  facts: SaeFacts;
  tokenizer: Tokenizer;
  params: SaeParams;
  runtime: ModelRuntime;
  corpus: PackedCorpus;
};

type Miss = Pick<NearestMisses['examples'][number], 'act' | 'tokens' | 'peak'>;

export function createLatentInquiry(o: EngineHosts): LatentInquiry {
  // Its progress is shown in the place of the statistics' progress.
  const slot = makeJobSlot(o, {
    kind: 'statistics',
    cancelled: 'The question was cancelled.',
    busy: 'Another question about a feature is being answered. Cancel it first.',
  });
  o.modelHost.onClosing(slot.end);

  return {
    nearestMisses: (saeId, latentIndex, jobId) =>
      slot.run(jobId, async ({ step }) =>
        findNearestMisses(o, await openAsked(o, saeId, latentIndex), latentIndex, step),
      ),
    exactPartners: (saeId, latentIndex, tokens, jobId) =>
      slot.run(jobId, async ({ step }) =>
        countPartners(o, await openAsked(o, saeId, latentIndex), { latentIndex, tokens }, step),
      ),
  };
}

async function openAsked(o: EngineHosts, saeId: string, latentIndex: number): Promise<OpenedSae> {
  const facts = await o.library.get(saeId);
  checkLatentIndex(latentIndex, facts.d_sae);
  const { tokenizer, facts: model } = o.modelHost.current();
  checkSaeFits(facts, model);
  const params = await o.library.params(facts.saeId);
  const runtime = await o.modelHost.runtime();
  const corpus = await o.corpusHost.current().pack(tokenizer, 'all', {
    contextSize: Math.min(STATISTICS_CONTEXT, model.sequence_len),
    seed: 0,
    epoch: 0,
  });
  return { facts, tokenizer, params, runtime, corpus };
}

/** The rows on which a latent comes closest to firing, the best of each text, on SEARCHED_TOKENS tokens. */
async function findNearestMisses(
  o: EngineHosts,
  { facts, tokenizer, params, runtime, corpus }: OpenedSae,
  latentIndex: number,
  step: Job['step'],
): Promise<NearestMisses> {
  const backend = await o.device.sae();
  const preActivation = preActivationReader(params, latentIndex);
  const best: Miss[] = [];
  let searched = 0;
  await forEachCapture({ runtime, corpus, hook: facts.hookPoint }, async (captured) => {
    const data = await backend.readMatrix(captured.activations);
    const preActs = Float32Array.from(captured.tokenIds, () => NaN);
    for (const row of captured.rows) {
      preActs[row] = preActivation(data.subarray(row * params.d_in, (row + 1) * params.d_in));
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
    await step('Searching for nearest misses', searched, total, countedUnit(runtime));
    return searched < SEARCHED_TOKENS;
  });
  const examples = best.map((one) => ({ ...one, repeats: 1, firstPosition: 0 }));
  return { tokensSearched: searched, examples };
}

/** The latents that fire with the one asked about, counted on every token. */
async function countPartners(
  o: EngineHosts,
  { facts, params, runtime, corpus }: OpenedSae,
  { latentIndex, tokens }: { latentIndex: number; tokens: number },
  step: Job['step'],
): Promise<{ partners: PartnerLatent[]; partnerTokens: number }> {
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
      await step('Counting co-activation', seen, Math.max(seen, tokens), countedUnit(runtime));
      return seen < tokens;
    });
  } finally {
    encoder.dispose();
  }
  const statistics = await o.library.statistics(facts.saeId);
  const partners = rankPartners(latentIndex, seen, fired, together).map((partner) => ({
    ...partner,
    firesOn: statistics === null ? null : firesOnOf(statistics, partner.latentIndex),
  }));
  return { partners, partnerTokens: seen };
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

// The direct-path logits of latents: the strongest tokens of each, those of a single direction with their
// texts, and the whole vocabulary of one as a histogram.
import {
  directLogits,
  directLogitValues,
  directPathGain,
} from '../../core/statistics/directLogits';
import { parseHookPoint, type HookPoint } from '../../core/activations/hookPoint';
import { decoderRow } from '../../core/sae/latentWeights';
import type { SaeParams } from '../../core/sae/sae';
import { RANKED_LOGITS, type LatentLogits } from '../../core/statistics/saeStatistics';
import type { ModelRuntime } from '../../model/modelTypes';
import type { LogitHistogram, MomentLogits } from './api';
import type { EngineHosts } from '../hosts';
import { readTensor } from '../model/modelHost';
import { checkLatentIndex } from './checkLatentIndex';
import { checkSaeFits } from './saeFit';

const LOGIT_BINS = 50;

export type LogitSources = {
  params: SaeParams;
  hook: HookPoint;
  checkpoint: ModelRuntime['checkpoint'];
  unembedding: Float32Array;
};

/** onProgress: latents done; throws to cancel. */
export async function latentLogits(
  o: LogitSources & { onProgress: (done: number) => Promise<void> },
): Promise<LatentLogits> {
  const { d_sae } = o.params;
  const gain = await gainOf(o);
  const logits: LatentLogits = {
    topIds: new Uint32Array(d_sae * RANKED_LOGITS),
    topValues: new Float32Array(d_sae * RANKED_LOGITS),
    bottomIds: new Uint32Array(d_sae * RANKED_LOGITS),
    bottomValues: new Float32Array(d_sae * RANKED_LOGITS),
  };
  for (let latent = 0; latent < d_sae; latent++) {
    const { top, bottom } = directLogits({ ...questionOf(o, latent, gain), count: RANKED_LOGITS });
    const at = latent * RANKED_LOGITS;
    for (const [i, token] of top.entries()) {
      logits.topIds[at + i] = token.tokenId;
      logits.topValues[at + i] = token.value;
    }
    for (const [i, token] of bottom.entries()) {
      logits.bottomIds[at + i] = token.tokenId;
      logits.bottomValues[at + i] = token.value;
    }
    if (latent % 16 === 15) await o.onProgress(latent + 1);
  }
  return logits;
}

/** A direction of the residual stream at `hook` of the open model: the tokens it promotes and suppresses. */
export async function directionLogits(
  { modelHost }: Pick<EngineHosts, 'modelHost'>,
  hook: HookPoint,
  direction: Float32Array,
): Promise<Pick<MomentLogits, 'topLogits' | 'bottomLogits'>> {
  const { tokenizer } = modelHost.current();
  const { checkpoint } = await modelHost.runtime();
  const { top, bottom } = directLogits({
    unembedding: await modelHost.unembedding(),
    direction,
    vocabSize: checkpoint.config.vocab_size,
    gain: await gainOf({ checkpoint, hook }),
    count: RANKED_LOGITS,
  });
  const named = (tokens: typeof top) =>
    tokens.map((token) => ({ ...token, text: tokenizer.tokenText(token.tokenId) }));
  return { topLogits: named(top), bottomLogits: named(bottom) };
}

/** Of one latent of an SAE of the open model. Throws ConfigError for a latent that there is not and for
 *  an SAE of another model. */
export async function logitHistogramOf(
  { library, modelHost }: Pick<EngineHosts, 'library' | 'modelHost'>,
  saeId: string,
  latentIndex: number,
): Promise<LogitHistogram> {
  const facts = await library.get(saeId);
  checkLatentIndex(latentIndex, facts.d_sae);
  checkSaeFits(facts, modelHost.current().facts);
  const { checkpoint } = await modelHost.runtime();
  const params = await library.params(facts.saeId);
  const unembedding = await modelHost.unembedding();
  return logitHistogram({ params, hook: facts.hookPoint, checkpoint, unembedding }, latentIndex);
}

async function logitHistogram(o: LogitSources, latent: number): Promise<LogitHistogram> {
  const values = directLogitValues(questionOf(o, latent, await gainOf(o)));
  let [from, to] = [Infinity, -Infinity];
  for (const value of values) {
    from = Math.min(from, value);
    to = Math.max(to, value);
  }
  const binWidth = (to - from) / LOGIT_BINS;
  const counts = new Array<number>(LOGIT_BINS).fill(0);
  for (const value of values) {
    const bin = binWidth > 0 ? Math.min(LOGIT_BINS - 1, Math.floor((value - from) / binWidth)) : 0;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { from, binWidth, counts };
}

function questionOf(
  { params, checkpoint, unembedding }: LogitSources,
  latent: number,
  gain: number,
) {
  return {
    unembedding,
    direction: decoderRow(params, latent),
    // The padded rows of the unembedding are not tokens.
    vocabSize: checkpoint.config.vocab_size,
    gain,
  };
}

async function gainOf({
  checkpoint,
  hook,
}: Pick<LogitSources, 'checkpoint' | 'hook'>): Promise<number> {
  const { revision, config } = checkpoint;
  const lambdas = revision.hasResidualScalars
    ? await readTensor(checkpoint, 'resid_lambdas')
    : new Float32Array(config.n_layer).fill(1);
  const backout = revision.hasBackout
    ? (await readTensor(checkpoint, 'backout_lambda'))[0]
    : undefined;
  return directPathGain(parseHookPoint(hook).layer, lambdas, backout ?? 0);
}

// Ablate and see: what a graph predicts, measured. Each latent is switched off alone, at one position, in the real
// model, which answers with every attention pattern, norm and feature as they then are.
import { ConfigError } from '../../core/errors';
import { elementAt } from '../../core/elementAt';
import type { Edit } from '../../model/modelTypes';
import { createAblation } from '../explore/ablation';
import { createLatentEncoders } from '../explore/latentEncoder';
import type { EngineHosts } from '../hosts';
import type { Job } from '../jobs';
import { checkLatentIndex } from '../sae/checkLatentIndex';
import { checkSaeFits } from '../sae/saeFit';
import type { NodeEffect, NodeEffectsRequest } from './api';

export async function nodeEffects(
  hosts: EngineHosts,
  { tokenIds, latents, logits }: NodeEffectsRequest,
  job: Job,
): Promise<NodeEffect[]> {
  const { modelHost, library, turns } = hosts;
  const { facts: model } = modelHost.current();
  const ids = checkTokens(tokenIds, model.vocab_size);
  const runtime = await modelHost.runtime();
  const encoders = createLatentEncoders(hosts);
  const read = async (edits: readonly Edit[]) => {
    const all = await runtime.logits(ids, 1, edits);
    return rawLogits(all.subarray(all.length - all.length / ids.length), model.logitSoftcap);
  };
  const effects: NodeEffect[] = [];
  // By transcoder, so that each is prepared once.
  const order = [...latents.entries()].sort(([, a], [, b]) => a.saeId.localeCompare(b.saeId));
  try {
    const base = await read([]);
    for (const [done, [index, latent]] of order.entries()) {
      await job.step('Switching features off', done, order.length, 'features');
      const { saeId, latentIndex, position } = latent;
      const facts = await library.get(saeId);
      checkSaeFits(facts, model);
      checkLatentIndex(latentIndex, facts.d_sae);
      if (!(Number.isInteger(position) && position >= 0 && position < ids.length)) {
        throw new ConfigError(
          `position must be a whole number from 0 to ${ids.length - 1}: ${position}`,
          'position',
        );
      }
      effects[index] = await turns.foreground(async () => {
        const encoder = await encoders.of(facts.saeId);
        const rows = Uint32Array.of(position);
        const edited = Uint32Array.of(0);
        const hook = facts.hookPoint;
        const ablation = await createAblation({ hook, encoder, latentIndex, rows, edited });
        try {
          const after = await read(ablation.edits);
          const changes = logits.map((logit) => valueOf(after, logit) - valueOf(base, logit));
          return { act: elementAt(ablation.acts(), 0), changes };
        } finally {
          ablation.dispose();
        }
      });
    }
    return effects;
  } finally {
    encoders.dispose();
  }
}

function checkTokens(tokenIds: readonly number[], vocabSize: number): Int32Array {
  const unknown = tokenIds.find((id) => !(Number.isInteger(id) && id >= 0 && id < vocabSize));
  if (tokenIds.length > 0 && unknown === undefined) return Int32Array.from(tokenIds);
  throw new ConfigError(
    unknown === undefined
      ? 'There is no token to run.'
      : `token ${unknown} is not one of this model's ${vocabSize}. Open the model of the graph.`,
    'text',
  );
}

/** Before the soft cap, less their mean, which moves no probability. */
function rawLogits(capped: Float32Array, cap: number): Float64Array {
  const raw = Float64Array.from(capped, (value) => cap * Math.atanh(value / cap));
  const mean = raw.reduce((sum, value) => sum + value, 0) / raw.length;
  return raw.map((value) => value - mean);
}

function valueOf(
  raw: Float64Array,
  { tokenId, against }: NodeEffectsRequest['logits'][number],
): number {
  return elementAt(raw, tokenId) - (against === null ? 0 : elementAt(raw, against));
}

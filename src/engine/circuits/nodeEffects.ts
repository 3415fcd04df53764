// Ablate and see: what a graph predicts, measured. Each latent is switched off alone, at one position, in the real
// model: once free, answering with every attention pattern, norm and feature as they then are, once with attention held.
import {
  isTranscoderPoint,
  parseHookPoint,
  type HookPoint,
} from '../../core/activations/hookPoint';
import { frozenHooks, type Floats } from '../../core/circuits/promptPass';
import { removalEffects, type Removal, type RemovalPass } from '../../core/circuits/removalEffects';
import { ConfigError } from '../../core/errors';
import { elementAt } from '../../core/elementAt';
import { decoderRow } from '../../core/sae/latentWeights';
import type { Edit } from '../../model/modelTypes';
import { createAblation } from '../explore/ablation';
import { createLatentEncoders } from '../explore/latentEncoder';
import type { EngineHosts } from '../hosts';
import type { Job } from '../jobs';
import { checkLatentIndex } from '../sae/checkLatentIndex';
import type { SaeFacts } from '../sae/api';
import { checkSaeFits } from '../sae/saeFit';
import type { NodeEffect, NodeEffectsRequest } from './api';
import { makeFixedProducts } from './rowProducts';

export async function nodeEffects(
  hosts: EngineHosts,
  request: NodeEffectsRequest,
  job: Job,
): Promise<NodeEffect[]> {
  const { facts: model } = hosts.modelHost.current();
  const ids = checkTokens(request.tokenIds, model.vocab_size);
  const { effects, removals } = await freeEffects(hosts, { ...request, ids }, job);
  const pass = await promptPass(hosts, ids, job);
  const frozen = await removalEffects(pass, { removals, logits: request.logits }, 'attention');
  return effects.map((effect, i) => ({ ...effect, frozen: elementAt(frozen, i) }));
}

type FreeEffects = { effects: Omit<NodeEffect, 'frozen'>[]; removals: Removal[] };

/** Each latent's own rerun of the model, and what was taken out of it. */
async function freeEffects(
  hosts: EngineHosts,
  { ids, latents, logits }: NodeEffectsRequest & { ids: Int32Array },
  job: Job,
): Promise<FreeEffects> {
  const { modelHost, library, turns } = hosts;
  const { facts: model } = modelHost.current();
  const runtime = await modelHost.runtime();
  const encoders = createLatentEncoders(hosts);
  const read = async (edits: readonly Edit[]) => {
    const all = await runtime.logits(ids, 1, edits);
    return rawLogits(all.subarray(all.length - all.length / ids.length), model.logitSoftcap);
  };
  const found: FreeEffects = { effects: [], removals: [] };
  // By transcoder, so that each is prepared once.
  const order = [...latents.entries()].sort(([, a], [, b]) => a.saeId.localeCompare(b.saeId));
  try {
    const base = await read([]);
    for (const [done, [index, latent]] of order.entries()) {
      await job.step('Switching features off', done, order.length, 'features');
      const { saeId, latentIndex, position } = latent;
      const facts = await library.get(saeId);
      checkSaeFits(facts, model);
      checkPlace(facts, { latentIndex, position }, ids.length);
      await turns.foreground(async () => {
        const encoder = await encoders.of(facts.saeId);
        const rows = Uint32Array.of(position);
        const edited = Uint32Array.of(0);
        const hook = facts.hookPoint;
        const ablation = await createAblation({ hook, encoder, latentIndex, rows, edited });
        try {
          const after = await read(ablation.edits);
          const free = logits.map((logit) => valueOf(after, logit) - valueOf(base, logit));
          const act = elementAt(ablation.acts(), 0);
          const written = decoderRow(encoder.params, latentIndex).map((value) => act * value);
          found.effects[index] = { act, free };
          found.removals[index] = { layer: parseHookPoint(hook).layer, position, written };
        } finally {
          ablation.dispose();
        }
      });
    }
    return found;
  } finally {
    encoders.dispose();
  }
}

/** The prompt's own forward pass, for reruns of which a part is held. */
export async function promptPass(
  { modelHost, device }: EngineHosts,
  tokenIds: Int32Array,
  job: Pick<Job, 'step'>,
): Promise<RemovalPass> {
  const { checkpoint } = modelHost.current();
  const runtime = await modelHost.runtime();
  const backend = await device.sae();
  const activations = new Map<HookPoint, Floats>();
  const capture = await runtime.capture(tokenIds, 1, frozenHooks(checkpoint.config.n_layer));
  try {
    for (const [hook, x] of capture.hooks) activations.set(hook, await backend.readMatrix(x));
  } finally {
    capture.release();
  }
  return {
    checkpoint,
    tokenIds,
    activations,
    unembedding: await modelHost.unembedding(),
    makeProducts: makeFixedProducts(device.createProducts),
    onLayer: (done, total) => job.step('The same with attention held', done, total, 'steps'),
  };
}

function checkPlace(
  { name, hookPoint, d_sae }: SaeFacts,
  { latentIndex, position }: { latentIndex: number; position: number },
  length: number,
): void {
  if (!isTranscoderPoint(hookPoint)) {
    throw new ConfigError(
      `${name} reads ${hookPoint}: nodes of a graph are of transcoders, which read an MLP's input.`,
      'transcoders',
    );
  }
  checkLatentIndex(latentIndex, d_sae);
  if (Number.isInteger(position) && position >= 0 && position < length) return;
  throw new ConfigError(
    `position must be a whole number from 0 to ${length - 1}: ${position}`,
    'position',
  );
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

// One graph of the open model: a forward pass on the prompt, frozen, and the rows of what matters in it.
import type { AttributionGraph } from '../../core/circuits/attributionGraph';
import { buildGraph, GRAPH_OPTIONS, type GraphOptions } from '../../core/circuits/buildGraph';
import { freeze, type FrozenModel, type LayerCode } from '../../core/circuits/frozenModel';
import { graphScores } from '../../core/circuits/graphScores';
import { frozenHooks, type Floats } from '../../core/circuits/promptPass';
import {
  isTranscoderPoint,
  parseHookPoint,
  type HookPoint,
} from '../../core/activations/hookPoint';
import { elementAt } from '../../core/elementAt';
import { ConfigError, invariant } from '../../core/errors';
import type { Matrix } from '../../core/handles';
import { EMPTY_SLOT, type SaeParams } from '../../core/sae/sae';
import { saeName } from '../../core/sae/saeName';
import type { SaeBackend } from '../../core/train/saeBackend';
import type { EngineHosts } from '../hosts';
import type { Job } from '../jobs';
import type { OpenModel } from '../model/openModel';
import { viewToken } from '../model/tokenView';
import type { SaeFacts } from '../sae/api';
import { checkSaeFits } from '../sae/saeFit';
import type { Circuit, CircuitRequest } from './api';
import { createRowProducts } from './rowProducts';

/** Longest prompt: patterns are T² for each head, and the cost of a row grows with T. */
const MAX_TOKENS = 256;

export async function traceCircuit(
  hosts: EngineHosts,
  { text, saeIds, options: wanted }: CircuitRequest,
  job: Job,
): Promise<Circuit> {
  const options = { ...GRAPH_OPTIONS, ...wanted };
  const opened = hosts.modelHost.current();
  const transcoders = await transcodersOf(hosts, opened, saeIds);
  const tokenIds = promptOf(opened, text);
  const frozen = await freezePrompt(hosts, { opened, transcoders, tokenIds }, job);
  const graph = await rowsOf(hosts, { frozen, options }, job);
  const view = (tokenId: number) => viewToken(opened.tokenizer, tokenId);
  return {
    graph,
    scores: graphScores(graph),
    tokens: Array.from(tokenIds, view),
    logits: graph.nodes
      .filter((node) => node.kind === 'logit')
      .map(({ tokenId, against }) => {
        return { token: view(tokenId), against: against === null ? null : view(against) };
      }),
    saeIds: transcoders.map(({ saeId }) => saeId),
    modelId: opened.facts.id,
    options,
  };
}

async function rowsOf(
  { device }: EngineHosts,
  { frozen, options }: { frozen: FrozenModel; options: GraphOptions },
  job: Job,
): Promise<AttributionGraph> {
  const products = await createRowProducts(device.createProducts, frozen);
  try {
    return await buildGraph(frozen, options, {
      products,
      onRows: (done, total) => job.step('Tracing features', done, total, 'features'),
    });
  } finally {
    products.dispose();
  }
}

/** The transcoder of each block, in their order. */
async function transcodersOf(
  { library }: EngineHosts,
  { facts: model }: OpenModel,
  saeIds: readonly string[],
): Promise<SaeFacts[]> {
  const found = await Promise.all(saeIds.map((saeId) => library.get(saeId)));
  const byLayer = new Map<number, SaeFacts>();
  for (const sae of found) {
    if (!isTranscoderPoint(sae.hookPoint)) {
      throw new ConfigError(
        `${saeName(sae)} reads ${sae.hookPoint}: a graph is made of transcoders, which read an MLP's input.`,
        'transcoders',
      );
    }
    checkSaeFits(sae, model);
    const { layer } = parseHookPoint(sae.hookPoint);
    if (byLayer.has(layer)) {
      throw new ConfigError(`Choose one transcoder for block ${layer}, not two.`, 'transcoders');
    }
    byLayer.set(layer, sae);
  }
  return Array.from({ length: model.n_layer }, (_, layer) => {
    const sae = byLayer.get(layer);
    if (sae !== undefined) return sae;
    throw new ConfigError(
      `There is no transcoder for block ${layer}: a graph needs one for each of the ${model.n_layer} blocks. Train them, or import their files.`,
      'transcoders',
    );
  });
}

function promptOf({ tokenizer, facts }: OpenModel, text: string): Int32Array {
  const ids = [tokenizer.specialTokenId('<|bos|>'), ...tokenizer.encodeOrdinary(text)];
  const longest = Math.min(MAX_TOKENS, facts.sequence_len);
  if (ids.length > 1 && ids.length <= longest) return Int32Array.from(ids);
  throw new ConfigError(
    ids.length === 1
      ? 'The text is empty: there is no prediction to explain.'
      : `The text has ${ids.length - 1} tokens; at most ${longest - 1} can be explained.`,
    'text',
  );
}

/** The forward pass on the prompt with everything held. transcoders: one of each block, in their order. */
export async function freezePrompt(
  { modelHost, library, device }: EngineHosts,
  o: { opened: OpenModel; transcoders: readonly SaeFacts[]; tokenIds: Int32Array },
  job: Pick<Job, 'step'>,
): Promise<FrozenModel> {
  const { checkpoint, tokenizer } = o.opened;
  await job.step('Running the model', 0, null, 'steps');
  const runtime = await modelHost.runtime();
  const backend = await device.sae();
  const transcoders = await Promise.all(o.transcoders.map(({ saeId }) => library.params(saeId)));
  const activations = new Map<HookPoint, Floats>();
  const codes: LayerCode[] = [];
  const hooks = frozenHooks(checkpoint.config.n_layer);
  const reads = o.transcoders.map(({ hookPoint }) => hookPoint);
  const capture = await runtime.capture(o.tokenIds, 1, [...hooks, ...reads]);
  const captured = (hook: HookPoint): Matrix => {
    const x = capture.hooks.get(hook);
    invariant(x !== undefined, `${hook} was not captured`);
    return x;
  };
  try {
    for (const hook of hooks) activations.set(hook, await backend.readMatrix(captured(hook)));
    for (const [layer, params] of transcoders.entries()) {
      await job.step('Finding active features', layer, transcoders.length, 'steps');
      codes.push(await encode(backend, params, captured(elementAt(reads, layer))));
    }
  } finally {
    capture.release();
  }
  return freeze({
    checkpoint,
    tokenIds: o.tokenIds,
    activations,
    transcoders,
    codes,
    isCounted: (tokenId) => !tokenizer.isSpecial(tokenId),
    unembedding: await modelHost.unembedding(),
    onLayer: (done, total) => job.step('Freezing the forward pass', done, total, 'steps'),
  });
}

/** As a feature's card reads it. */
async function encode(backend: SaeBackend, params: SaeParams, x: Matrix): Promise<LayerCode> {
  const encoder = await backend.createEncoder(params);
  try {
    const { k, latentIndices, latentActs } = await encoder.encode(
      x,
      Uint32Array.from({ length: x.rows }, (_, row) => row),
    );
    return Array.from({ length: x.rows }, (_, row) => {
      const acts = latentActs.subarray(row * k, (row + 1) * k);
      return Array.from(latentIndices.subarray(row * k, (row + 1) * k))
        .map((latentIndex, slot) => ({ latentIndex, act: elementAt(acts, slot) }))
        .filter(({ latentIndex, act }) => latentIndex !== EMPTY_SLOT && act > 0);
    });
  } finally {
    encoder.dispose();
  }
}

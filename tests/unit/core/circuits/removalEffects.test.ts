// Taking a feature out of a forward pass of which part is held: exactly what the graph says where everything is, exactly
// what the model does where attention could not have answered.
import { describe, expect, it } from 'vitest';
import { hookPoint, type HookPoint } from '../../../../src/core/activations/hookPoint';
import { predictedChanges } from '../../../../src/core/circuits/attributionGraph';
import { buildGraph, GRAPH_OPTIONS } from '../../../../src/core/circuits/buildGraph';
import { freeze } from '../../../../src/core/circuits/frozenModel';
import {
  plainFixedProducts,
  removalEffects,
  type Removal,
} from '../../../../src/core/circuits/removalEffects';
import type { NanochatCheckpoint } from '../../../../src/core/model/nanochat';
import {
  nanochatReference,
  readReferenceWeights,
} from '../../../../src/core/reference/nanochatReference';
import { decoderRow } from '../../../../src/core/sae/latentWeights';
import { NANOCHAT_REVISIONS } from '../../../../src/formats/model/nanochatRevision';
import { someTranscoders } from '../../../helpers/circuits/frozenCase';
import {
  FOUR_LAYERS,
  makeRandomCheckpoint,
  randomTokens,
} from '../../../helpers/model/modelRandom';
import '../../../helpers/matchers';

/** Past the short window. */
const TOKENS = randomTokens(12, FOUR_LAYERS.vocab_size, 2);
const WINDOW = 8;

async function removalsOf(checkpoint: NanochatCheckpoint) {
  const weights = await readReferenceWeights(checkpoint);
  const activations = new Map<HookPoint, Float64Array>();
  nanochatReference(weights, TOKENS, (hook, x) => activations.set(hook, x.slice()));
  const transcoders = someTranscoders(weights, { d_sae: 24, k: 2 });
  const isCounted = () => true;
  const pass = { checkpoint, tokenIds: TOKENS, activations, transcoders, isCounted };
  const frozen = await freeze(pass);
  const { width, unembedding } = frozen;
  const removals = frozen.latents.map(({ layer, position, latentIndex, act }): Removal => {
    const written = decoderRow(transcoders[layer]!, latentIndex).map((value) => act * value);
    return { layer, position, written };
  });
  const own = { ...pass, unembedding, makeProducts: plainFixedProducts };
  return { weights, frozen, removals, pass: own, width };
}

const withWindow = (revision: (typeof NANOCHAT_REVISIONS)[number]) =>
  makeRandomCheckpoint(FOUR_LAYERS, { ...revision, shortWindow: () => WINDOW }, 1);

/** Every query is 0: all patterns are even, whatever the stream is. */
function evenAttention(checkpoint: NanochatCheckpoint): NanochatCheckpoint {
  const tensors = new Map(checkpoint.tensors);
  for (const [name, source] of tensors) {
    if (!name.endsWith('attn.c_q.weight')) continue;
    const read = async () => (await source.read()).fill(0);
    tensors.set(name, { ...source, read });
  }
  return { ...checkpoint, tensors };
}

describe.each(NANOCHAT_REVISIONS)('$name', (revision) => {
  it('does what the graph predicts if everything is held, of every feature and logit', async () => {
    const { frozen, removals, pass } = await removalsOf(withWindow(revision));
    const graph = await buildGraph(frozen, { ...GRAPH_OPTIONS, maxLatents: 1e6, maxLogits: 2 });
    const logits = graph.nodes.flatMap((node) => (node.kind === 'logit' ? [node] : []));
    const found = await removalEffects(pass, { removals, logits }, { features: frozen });
    for (const logit of logits.keys()) {
      const predicted = predictedChanges(graph, logit).slice(0, removals.length);
      // The graph keeps its edges in f32.
      expect(found.map((changes) => changes[logit]!)).toBeAllclose([...predicted], {
        rtol: 1e-5,
        atol: 1e-6,
      });
    }
  });

  it('does what the model does where attention cannot answer, and not where it can', async () => {
    for (const isEven of [true, false]) {
      const checkpoint = isEven ? evenAttention(withWindow(revision)) : withWindow(revision);
      const { weights, removals, pass, width } = await removalsOf(checkpoint);
      // One of each block, with positions after it.
      const some = [0, 1, 2, 3].map((layer) =>
        removals.find((one) => one.layer === layer && one.position === 2 + layer)!,
      );
      const logits = [
        { tokenId: 3, against: null },
        { tokenId: 3, against: 5 },
      ];
      const found = await removalEffects(pass, { removals: some, logits }, 'attention');
      const cap = revision.logitSoftcap;
      const read = (removal: Removal | null) => {
        const { logits: all } = nanochatReference(weights, TOKENS, (hook, x) => {
          if (removal === null || hook !== hookPoint(removal.layer, 'hook_mlp_out')) return;
          removal.written.forEach((value, i) => (x[removal.position * width + i]! -= value));
        });
        const raw = Array.from(
          all.slice(-FOUR_LAYERS.vocab_size),
          (x) => cap * Math.atanh(x / cap),
        );
        const mean = raw.reduce((sum, value) => sum + value, 0) / raw.length;
        return [raw[3]! - mean, raw[3]! - raw[5]!];
      };
      const base = read(null);
      const free = some.map((removal) => read(removal).map((value, i) => value - base[i]!));
      const furthest = found.flatMap((changes, at) =>
        changes.map((value, i) => Math.abs(value - free[at]![i]!)),
      );
      expect(Math.max(...free.flat().map(Math.abs))).toBeGreaterThan(1e-3);
      if (isEven) expect(Math.max(...furthest)).toBeLessThan(1e-9);
      else expect(Math.max(...furthest)).toBeGreaterThan(1e-3);
    }
  });
});

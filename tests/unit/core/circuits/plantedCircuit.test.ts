// A circuit put into the weights by hand comes back as the strongest path: a token writes a direction, a latent of
// block 0 answers, attention of block 1 carries that to the last position, a latent of block 2 reads it and writes the
// direction of one next token.
import { expect, it } from 'vitest';
import { buildGraph, GRAPH_OPTIONS } from '../../../../src/core/circuits/buildGraph';
import { pruneGraph } from '../../../../src/core/circuits/graphScores';
import type {
  NanochatCheckpoint,
  NanochatRevision,
  TensorSource,
} from '../../../../src/core/model/nanochat';
import type { SaeParams } from '../../../../src/core/sae/sae';
import {
  expectedTensors,
  NANOCHAT_REVISIONS,
} from '../../../../src/formats/model/nanochatRevision';
import { frozenCase } from '../../../helpers/circuits/frozenCase';

/** as wide as the newest revision's gates are */
const WIDTH = 32;
/** Of a normed row of one direction, which is √WIDTH long: its square, too. */
const SQUARED = WIDTH ** -0.25;
const LAYERS = 3;
const D_SAE = 4;
/** what token A writes, what block 0 makes of it, what attention makes of that, what block 2 makes of that */
const [TOKEN, FIRST, CARRIED, SECOND, OTHER] = [0, 1, 2, 3, 4];
const [A, B, ANSWER] = [7, 8, 20];
const [FIRST_LATENT, SECOND_LATENT] = [2, 1];

const config = {
  sequence_len: 16,
  vocab_size: 64,
  n_layer: LAYERS,
  n_head: 1,
  n_kv_head: 1,
  n_embd: WIDTH,
  window_pattern: 'L',
};

/** Zeros but for the values named, at [row, column], and the scale of the stream between blocks, which is 1. */
function plant(
  revision: NanochatRevision,
  places: Record<string, [row: number, column: number, value: number][]>,
) {
  const tensors = new Map<string, TensorSource>();
  for (const [name, shape] of expectedTensors(config, revision)) {
    const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
    if (name === 'resid_lambdas') values.fill(1);
    for (const [row, column, value] of places[name] ?? []) values[row * shape[1]! + column] = value;
    const read = () => Promise.resolve(values);
    const readPart = (from: number, to: number) => Promise.resolve(values.slice(from, to));
    tensors.set(name, { name, dtype: 'f32', shape, read, readPart });
  }
  const size = { parameterCount: 0, byteLength: 0, step: null, valBpb: null };
  return { config, revision, ...size, tensors } satisfies NanochatCheckpoint;
}

/** One latent that reads one direction and writes another; the others are silent. */
function transcoder(latent: number, from: number, to: number): SaeParams {
  const W_enc = new Float32Array(WIDTH * D_SAE);
  W_enc[from * D_SAE + latent] = 1;
  const W_dec = new Float32Array(D_SAE * WIDTH);
  W_dec[latent * WIDTH + to] = 1;
  const zeros = { b_enc: new Float32Array(D_SAE), b_dec: new Float32Array(WIDTH) };
  const shape = { d_in: WIDTH, d_sae: D_SAE, k: 2, applyBDecToInput: false };
  return { architecture: 'topk', ...shape, W_enc, W_dec, ...zeros };
}

it.each(NANOCHAT_REVISIONS)(
  'in $name comes back as the strongest path, alone',
  async (revision) => {
    const embedding = Array.from({ length: 64 }, (_, token): [number, number, number] => {
      return [token, token === A ? TOKEN : OTHER, 1];
    });
    const checkpoint = plant(revision, {
      'transformer.wte.weight': embedding,
      'transformer.h.0.mlp.c_fc.weight': [[0, TOKEN, SQUARED]],
      'transformer.h.0.mlp.c_proj.weight': [[FIRST, 0, 1]],
      'transformer.h.1.attn.c_v.weight': [[0, FIRST, 4]],
      'transformer.h.1.attn.c_proj.weight': [[CARRIED, 0, 1]],
      'transformer.h.2.mlp.c_fc.weight': [[0, CARRIED, SQUARED]],
      'transformer.h.2.mlp.c_proj.weight': [[SECOND, 0, 1]],
      'lm_head.weight': [[ANSWER, SECOND, 4]],
    });
    const transcoders = [
      transcoder(FIRST_LATENT, TOKEN, FIRST),
      // Block 1 has an MLP of zeros, and so has its transcoder.
      { ...transcoder(0, OTHER, OTHER), W_dec: new Float32Array(D_SAE * WIDTH) },
      transcoder(SECOND_LATENT, CARRIED, SECOND),
    ];
    const frozen = await frozenCase(checkpoint, Int32Array.of(5, B, A, B, B), transcoders);
    const graph = await buildGraph(frozen, { ...GRAPH_OPTIONS, maxLogits: 1 });
    const size = graph.nodes.length;
    const path = [size - 1];
    for (
      let row = graph.targets.length - 1;
      row !== -1;
      row = graph.targets.indexOf(path.at(-1)!)
    ) {
      const edges = graph.edges.subarray(row * size, (row + 1) * size);
      // What the transcoders leave over is no answer: an MLP's squares are not linear.
      const named = [...edges.keys()].filter((at) => graph.nodes[at]!.kind !== 'error');
      path.push(
        named.reduce((best, at) => (Math.abs(edges[at]!) > Math.abs(edges[best]!) ? at : best)),
      );
    }
    expect(path.map((at) => graph.nodes[at])).toMatchObject([
      { kind: 'logit', tokenId: ANSWER },
      { kind: 'latent', layer: 2, position: 4, latentIndex: SECOND_LATENT },
      { kind: 'latent', layer: 0, position: 2, latentIndex: FIRST_LATENT },
      { kind: 'token', position: 2, tokenId: A },
    ]);
    const kept = pruneGraph(graph, { nodeShare: 0.9, edgeShare: 0.98 }).nodes;
    const latents = kept.filter((at) => graph.nodes[at]!.kind === 'latent');
    expect(new Set(latents)).toEqual(new Set(path.slice(1, 3)));
  },
);

// Rows of attribution against PyTorch's autograd of the frozen model, written independently
// (tests/peers/circuits/attribution_goldens.py).
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { reverseRows, type Target } from '../../../../src/core/circuits/reverseRows';
import { rowTotal } from '../../../../src/core/circuits/reverseRows';
import type { SaeParams } from '../../../../src/core/sae/sae';
import { frozenCase } from '../../../helpers/circuits/frozenCase';
import '../../../helpers/matchers';
import { readRevisionFixture } from '../../../helpers/model/revisionFixture';

type Place = [layer: number, position: number, latentIndex: number];
type Golden = {
  tokenIds: number[];
  d_sae: number;
  k: number;
  latents: Place[];
  rows: { target: Place | null; value: number; edges: number[] }[];
};

/** The script's `pattern`, in whole numbers until the end. */
function pattern(count: number, seed: number, scale: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => {
    const mixed = ((i + 1) * (seed + 7) * 7919 + ((i * i) % 1999) * 31) % 2003;
    return (mixed / 1001 - 1) * scale;
  });
}

function transcoder(layer: number, d_in: number, { d_sae, k }: Golden): SaeParams {
  const seed = 10 * layer;
  return {
    architecture: 'topk',
    ...{ d_in, d_sae, k, applyBDecToInput: false },
    W_enc: pattern(d_in * d_sae, seed, 0.2),
    b_enc: pattern(d_sae, seed + 1, 0.1),
    W_dec: pattern(d_sae * d_in, seed + 2, 0.3),
    b_dec: pattern(d_in, seed + 3, 0.1),
  };
}

it.each(['r1-padded', 'r2-plain', 'r3-grouped', 'r4-grouped', 'r5-grouped'])(
  'rows of %s are those of autograd',
  async (name) => {
    const { checkpoint } = await readRevisionFixture(name);
    const path = `tests/fixtures/circuits/${name}.json`;
    const golden = JSON.parse(readFileSync(path, 'utf8')) as Golden;
    const { n_layer: layers, n_embd: width, vocab_size: vocabSize } = checkpoint.config;
    const transcoders = Array.from({ length: layers }, (_, i) => transcoder(i, width, golden));
    const frozen = await frozenCase(checkpoint, Int32Array.from(golden.tokenIds), transcoders);
    const key = ([layer, position, latentIndex]: Place) => `${layer} ${position} ${latentIndex}`;
    const order = frozen.latents.map((one) => key([one.layer, one.position, one.latentIndex]));
    expect(new Set(order)).toEqual(new Set(golden.latents.map(key)));
    const { unembedding } = frozen;
    const mean = new Float64Array(width);
    for (let at = 0; at < vocabSize * width; at++)
      mean[at % width]! += unembedding[at]! / vocabSize;
    const direction = mean.map((value, i) => unembedding[5 * width + i]! - value);
    const targets = golden.rows.map(({ target }): Target => {
      if (target === null) return { kind: 'logit', direction };
      const [layer, position, latentIndex] = target;
      return { kind: 'latent', layer, position, latentIndex };
    });
    const rows = reverseRows(frozen, targets);
    for (const [i, row] of rows.entries()) {
      const { edges, value } = golden.rows[i]!;
      const found = [
        ...golden.latents.map((place) => row.latents[order.indexOf(key(place))]!),
        ...row.errors,
        ...row.valueEmbeddings,
        ...row.tokens,
      ];
      expect(found).toBeAllclose(edges, { rtol: 1e-5, atol: 1e-6 });
      expect(edges.filter((edge) => edge !== 0).length).toBeGreaterThan(golden.tokenIds.length);
      expect(rowTotal(row)).toBeCloseTo(value, 6);
    }
  },
);

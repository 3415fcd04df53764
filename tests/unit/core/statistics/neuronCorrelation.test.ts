import { expect, it } from 'vitest';
import { EMPTY_SLOT } from '../../../../src/core/sae/sae';
import {
  addNeuronRows,
  correlatedNeurons,
  makeNeuronSums,
} from '../../../../src/core/statistics/neuronCorrelation';

const D_IN = 5;
const TOKENS = 40;
const x = Float32Array.from(
  { length: TOKENS * D_IN },
  (_, i) => Math.sin(7 * i) + 0.3 * (i % D_IN),
);
/** Latent 0 follows entry 3, latent 1 fires on every fourth token, latent 2 never. */
const actsOf = (token: number) => [
  Math.max(0, x[token * D_IN + 3]!),
  token % 4 === 0 ? 1 + (token % 3) : 0,
];

function sumsOf(batches: readonly number[][]) {
  const sums = makeNeuronSums({ d_sae: 3, d_in: D_IN });
  for (const rows of batches) {
    const slots = rows.flatMap((row) => actsOf(row).map((act, latent) => ({ act, latent })));
    const code = {
      k: 2,
      latentIndices: Uint32Array.from(slots, ({ act, latent }) => (act > 0 ? latent : EMPTY_SLOT)),
      latentActs: Float32Array.from(slots, ({ act }) => act),
    };
    addNeuronRows(sums, code, { x, rows: Uint32Array.from(rows) });
  }
  return sums;
}

/** Over all tokens at once, as the definition says. */
function byDefinition(latent: number, index: number) {
  const f = Array.from({ length: TOKENS }, (_, token) => actsOf(token)[latent]!);
  const y = Array.from({ length: TOKENS }, (_, token) => x[token * D_IN + index]!);
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  const centred = (values: number[]) => values.map((value) => value - mean(values));
  const cosine = (a: number[], b: number[]) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  return { pearson: cosine(centred(f), centred(y)), cosine: cosine(f, y) };
}

it('correlates each latent with each entry as the definition does, whatever the batches', () => {
  const all = Array.from({ length: TOKENS }, (_, token) => token);
  const sums = sumsOf([all.slice(0, 7), all.slice(7, 30), all.slice(30)]);
  expect(sums.tokens).toBe(TOKENS);
  for (const latent of [0, 1]) {
    const found = correlatedNeurons(sums, latent, D_IN);
    expect(found).toHaveLength(D_IN);
    for (const { index, pearson, cosine } of found) {
      const expected = byDefinition(latent, index);
      expect(pearson).toBeCloseTo(expected.pearson, 5);
      expect(cosine).toBeCloseTo(expected.cosine, 5);
    }
    const order = found.map(({ pearson }) => pearson);
    expect(order).toEqual([...order].sort((a, b) => b - a));
  }
  expect(correlatedNeurons(sums, 0, 1)[0]!.index).toBe(3);
});

it('lists none for a latent that never fired, nor for one that is constant', () => {
  const sums = sumsOf([[0, 4, 8]]);
  expect(correlatedNeurons(sums, 2, 3)).toEqual([]);
  expect(correlatedNeurons(makeNeuronSums({ d_sae: 1, d_in: 2 }), 0, 2)).toEqual([]);
});

import { expect, it } from 'vitest';
import { makeFiringsBuilder } from '../../../../src/core/statistics/firings';
import { EMPTY_SLOT } from '../../../../src/core/sae/sae';

it('lists each latent’s tokens and activations over several codes, empty slots left out', () => {
  const builder = makeFiringsBuilder(4);
  builder.add(
    {
      k: 2,
      latentIndices: Uint32Array.from([3, 0, 3, EMPTY_SLOT]),
      latentActs: Float32Array.from([5, 1, 2, 0]),
    },
    Uint32Array.from([10, 12]),
  );
  builder.add(
    { k: 1, latentIndices: Uint32Array.from([0]), latentActs: Float32Array.from([4]) },
    Uint32Array.from([40]),
  );
  const firings = builder.finish();
  const list = (latent: number) => {
    const { tokens, acts } = firings.of(latent);
    return [[...tokens], [...acts]];
  };
  expect(list(0)).toEqual([
    [10, 40],
    [1, 4],
  ]);
  expect(list(3)).toEqual([
    [10, 12],
    [5, 2],
  ]);
  expect(list(1)).toEqual([[], []]);
});

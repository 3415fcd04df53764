// Shards of latents: pure arithmetic, for any width and any limit.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutLatents, SHARD_STEP } from '../../../../src/gpu/sae/latentShards';

test('shards cover every latent once, begin at tiles, and each fits one binding', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 7000 }),
      fc.integer({ min: 1, max: 2048 }),
      fc.integer({ min: 64, max: 900 }),
      (d_sae, d_in, rows) => {
        const rowBytes = 8 * d_in;
        const storageBindingBytes = rows * rowBytes;
        const shards = cutLatents({ storageBindingBytes }, { d_in, d_sae, rowBytes });
        let next = 0;
        for (const { first, count } of shards) {
          expect(first).toBe(next);
          expect(first % SHARD_STEP).toBe(0);
          expect(count).toBeGreaterThan(0);
          expect(count * rowBytes).toBeLessThanOrEqual(storageBindingBytes);
          next += count;
        }
        expect(next).toBe(d_sae);
        // As few as whole tiles allow.
        expect(shards.length).toBeLessThanOrEqual(Math.ceil(d_sae / (rows - (rows % SHARD_STEP))));
      },
    ),
  );
});

test('a binding that does not hold one tile is refused, naming the width', () => {
  const cut = () =>
    cutLatents({ storageBindingBytes: 6399 }, { d_in: 25, d_sae: 99, rowBytes: 100 });
  expect(cut).toThrow(/d_in: 64 latents of width 25 take 6400 bytes/);
});

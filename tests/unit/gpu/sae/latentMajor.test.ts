import { expect, test } from 'vitest';
import { fromLatentMajor, latentMajor, padColumns } from '../../../../src/gpu/sae/latentMajor';

test('W_enc is transposed and padded, and comes back', () => {
  const W_enc = new Float32Array([1, 2, 3, 4, 5, 6]);
  const shape = { d_in: 3, d_sae: 2 };
  const latents = latentMajor(W_enc, shape);
  expect([...latents]).toEqual([1, 3, 5, 0, 2, 4, 6, 0]);
  expect([...fromLatentMajor(latents, shape)]).toEqual([...W_enc]);
});

test('padColumns fills rows up to a multiple of 4 with zeros', () => {
  expect([...padColumns(new Float32Array([1, 2, 3, 4, 5, 6]), 3)]).toEqual([
    1, 2, 3, 0, 4, 5, 6, 0,
  ]);
  const whole = new Float32Array(8);
  expect(padColumns(whole, 4)).toBe(whole);
});

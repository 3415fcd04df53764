import { expect, it } from 'vitest';
import { decoderRow, encoderColumn } from '../../../../src/core/sae/latentWeights';

it('takes a column of W_enc and a row of W_dec', () => {
  // d_in 2, d_sae 3: W_enc has two rows of three, W_dec three rows of two.
  const params = {
    d_in: 2,
    d_sae: 3,
    W_enc: Float32Array.of(1, 2, 3, 4, 5, 6),
    W_dec: Float32Array.of(10, 11, 20, 21, 30, 31),
  };
  expect([...encoderColumn(params, 1)]).toEqual([2, 5]);
  expect([...decoderRow(params, 2)]).toEqual([30, 31]);
  decoderRow(params, 0)[1] = 12;
  expect(params.W_dec[1], 'the row is a view').toBe(12);
  encoderColumn(params, 0)[0] = 9;
  expect(params.W_enc[0], 'the column is a copy').toBe(1);
});

// The processor's encoder: what every encoder must do, and as the libraries do.
import { expect, test } from 'vitest';
import { reconstruct } from '../../../../src/core/evaluate/reconstruction';
import { denseActs, PARITY_NAMES, readParityCase } from '../../../helpers/sae/encodeParity';
import { encoderTests, ruledEncoderTests } from '../../../helpers/sae/encoderTests';
import '../../../helpers/matchers';
import { CPU_BACKEND, cpuBackendTest } from '../../../helpers/sae/saeBackends';

encoderTests(cpuBackendTest);
ruledEncoderTests(cpuBackendTest);

test.each(PARITY_NAMES)('%s: encodes and decodes as the library does', async (name) => {
  const { params, x, acts, out, rows } = await readParityCase(name);
  const { d_in: cols, d_sae } = params;
  const encoder = await CPU_BACKEND.createEncoder(params);
  const every = Uint32Array.from({ length: rows }, (_, row) => row);
  const code = await encoder.encode({ where: 'cpu', rows, cols, data: x }, every);
  const dense = denseActs(code, rows, d_sae);
  expect(dense.map(Math.sign)).toEqual(acts.map(Math.sign));
  expect(dense).toBeAllclose(acts, { rtol: 1e-5, atol: 1e-5 });
  expect(Float32Array.from(reconstruct(params, code, rows))).toBeAllclose(out, {
    rtol: 1e-5,
    atol: 1e-5,
  });
});

// The same as tests/unit/formats/encodeParity.test.ts on the WGSL encoder.
import { expect } from 'vitest';
import { reconstruct } from '../../../src/core/evaluate/reconstruction';
import { createSaeEncoder } from '../../../src/gpu/sae/saeEncoder';
import { denseActs, PARITY_NAMES, readParityCase } from '../../helpers/sae/encodeParity';
import { gpuTest } from '../../helpers/device/gpuTest';
import '../../helpers/matchers';

for (const name of PARITY_NAMES) {
  gpuTest(`${name}: encodes and decodes as the library does`, async (context) => {
    const { params, x, acts, out, rows } = await readParityCase(name);
    const { d_in: cols, d_sae } = params;
    const encoder = await createSaeEncoder(context, params);
    const every = Uint32Array.from({ length: rows }, (_, row) => row);
    const code = await encoder.encode({ where: 'cpu', rows, cols, data: x }, every);
    const dense = denseActs(code, rows, d_sae);
    expect(dense.map(Math.sign)).toEqual(acts.map(Math.sign));
    expect(dense).toBeAllclose(acts, { rtol: 1e-5, atol: 1e-5 });
    const saeOut = Float32Array.from(reconstruct(params, code, rows));
    expect(saeOut).toBeAllclose(out, { rtol: 1e-5, atol: 1e-5 });
    encoder.dispose();
  });
}

// Same weights in, same encode and decode out as SAELens and sparsify, within 1e-5: their files are read and
// run by the twins of the kernels.
import { expect, it } from 'vitest';
import { denseActs, PARITY_NAMES, readParityCase } from '../../../helpers/sae/encodeParity';
import '../../../helpers/matchers';
import { encodeToken, reconstruct } from '../../../helpers/sae/reconstruct';

it('covers every inference architecture that is read', async () => {
  const cases = await Promise.all(PARITY_NAMES.map(readParityCase));
  const architectures = new Set(cases.map(({ params }) => params.architecture));
  expect([...architectures].sort()).toEqual(['gated', 'jumprelu', 'relu', 'topk']);
});

it.each(PARITY_NAMES)('%s: latentActs and saeOut are the library’s', async (name) => {
  const { params, x, acts, out, rows } = await readParityCase(name);
  const { d_in, d_sae } = params;
  for (let row = 0; row < rows; row++) {
    const code = encodeToken(params, x.subarray(row * d_in, (row + 1) * d_in));
    const expected = acts.subarray(row * d_sae, (row + 1) * d_sae);
    const dense = denseActs(code, 1, d_sae);
    expect(dense.map(Math.sign)).toEqual(expected.map(Math.sign));
    expect(dense).toBeAllclose(expected, { rtol: 1e-5, atol: 1e-5 });
  }
  const { saeOut } = reconstruct(params, x, 1);
  expect(Float32Array.from(saeOut)).toBeAllclose(out, { rtol: 1e-5, atol: 1e-5 });
});

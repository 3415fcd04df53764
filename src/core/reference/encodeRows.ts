// The sparse code of a few rows on the CPU, from the same twins that define the kernels. Used on machines
// without a GPU device to read one text at a time.
import { ShapeError } from '../errors';
import type { SaeParams, SparseCode } from '../sae/sae';
import { activeRowReference } from './activeRow';
import { saeEncodeReference } from './saeEncode';
import { scaleCodeReference } from './scaleCode';
import { topkReference } from './topkRow';

/** x [*, d_in] in model units; token order follows rowIndices. Throws ShapeError on another width. */
export function encodeRowsReference(
  params: SaeParams,
  x: { data: Float32Array; cols: number },
  rowIndices: Uint32Array,
): SparseCode {
  const { d_in, d_sae } = params;
  if (x.cols !== d_in) throw new ShapeError(`rows of width ${x.cols} for an SAE of d_in ${d_in}`);
  const rows = rowIndices.length;
  const xc = new Float32Array(rows * d_in);
  for (const [at, row] of rowIndices.entries()) {
    for (let i = 0; i < d_in; i++) {
      const centre = params.applyBDecToInput ? params.b_dec[i]! : 0;
      xc[at * d_in + i] = x.data[row * d_in + i]! - centre;
    }
  }
  const W_enc = transposed(params.W_enc, d_in, d_sae);
  const { preActs } = saeEncodeReference({ rows, d_in, d_sae, xc, W_enc, b_enc: params.b_enc });
  if (params.architecture !== 'topk') return activeRowReference(preActs, params);
  const code = topkReference(preActs, { rows, d_sae, k: params.k });
  return params.actScale === undefined ? code : scaleCodeReference(code, params.actScale);
}

function transposed(W: Float32Array, rows: number, cols: number): Float32Array {
  const out = new Float32Array(W.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < cols; c++) out[c * rows + r] = W[r * cols + c]!;
  return out;
}

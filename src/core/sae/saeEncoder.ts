// An SAE's encoder as the engine uses it, whatever computes it.
import type { Matrix } from '../handles';
import type { SparseCode } from './sae';

/** A folded SAE for inference: rows of the residual stream in, sparse code out on the CPU. */
export type SaeEncoder = {
  /** Encodes x[rowIndices] (x in model units, [*, d_in]); token order follows rowIndices. x must stay as
   *  it is until this resolves. Throws ShapeError on another width or a row outside. */
  encode: (x: Matrix, rowIndices: Uint32Array) => Promise<SparseCode>;
  dispose: () => void;
};

export type EncoderOptions = {
  /** rows of one GPU step; longer inputs take several */
  rows?: number;
  /** initial slots per row for architectures without k; grows automatically */
  capacity?: number;
  /** 'exact' (default): W_enc in f32. 'compact': f16 where the device has it and the weights fit its range */
  weights?: 'exact' | 'compact';
};

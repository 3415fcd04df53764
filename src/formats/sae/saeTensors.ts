// Tensors of an SAE's file: checked when they are read, folded to what is used here (sae.md §9).
import { FormatError } from '../../core/errors';
import type { TensorSource } from '../../core/model/nanochat';
import type { SaeParams } from '../../core/sae/sae';
import { decoderNorms, foldDecoderNorm, foldNormKeepingSelection } from '../../core/sae/saeFold';
import { quote } from '../archives/byteRange';

/** Row norms within this of 1 count as unit; kept, not folded, so that our own files are read bit for bit. */
const UNIT_TOLERANCE = 1e-5;

/** Throws FormatError naming a shape other than the expected one, and values that are not finite. */
export async function readTensor(
  tensors: ReadonlyMap<string, TensorSource>,
  name: string,
  shape: readonly number[],
  fileName: string,
): Promise<Float32Array> {
  const tensor = tensors.get(name);
  if (tensor?.shape.join() !== shape.join()) {
    throw new FormatError(
      `${fileName}: tensor ${name}: expected shape [${shape.join(', ')}] of its configuration, found ${tensor === undefined ? 'none' : `[${tensor.shape.join(', ')}]`}; use files of one SAE`,
    );
  }
  const values = await tensor.read();
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new FormatError(
      `${fileName}: tensor ${name} has the value ${values[bad]!} at index ${bad}; the run that wrote it diverged, use an earlier checkpoint`,
    );
  }
  return values;
}

/** Throws FormatError naming tensors that an SAE of this kind does not have. */
export function refuseOthers(
  tensors: ReadonlyMap<string, unknown>,
  expected: readonly string[],
  { fileName, kind }: { fileName: string; kind: string },
): void {
  const unexpected = [...tensors.keys()].filter((name) => !expected.includes(name));
  if (unexpected.length === 0) return;
  throw new FormatError(
    `${fileName}: unexpected tensors ${unexpected.slice(0, 8).map(quote).join(', ')}; a ${kind} SAE has ${expected.join(', ')} and no other`,
  );
}

export function hasUnitRows(params: SaeParams): boolean {
  return decoderNorms(params).every((norm) => Math.abs(norm - 1) <= UNIT_TOLERANCE);
}

/** The norm moves into the encoder if each latent has its own rule (threshold or gate), or if TopK selects by
 *  h·n; a TopK that selects by h keeps its encoder, or it would select other latents. */
export function foldUnlessUnit(
  params: SaeParams,
  { selectsByNorm, fileName }: { selectsByNorm: boolean; fileName: string },
): SaeParams {
  if (hasUnitRows(params)) return params;
  if (params.architecture === 'topk' && !selectsByNorm) return foldNormKeepingSelection(params);
  const folded = foldDecoderNorm(params);
  const isFinite = [folded.W_enc, folded.b_enc, folded.W_dec].every((array) =>
    array.every(Number.isFinite),
  );
  if (isFinite) return folded;
  throw new FormatError(
    `${fileName}: its decoder norms are too large to be folded into the encoder in 32 bits; fold them in SAELens first`,
  );
}

/** [rows, cols] → [cols, rows] */
export function transposed(values: Float32Array, rows: number, cols: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) out[col * rows + row] = values[row * cols + col]!;
  }
  return out;
}

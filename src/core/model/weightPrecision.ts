// The precision in which weights are kept where the model runs, and the bytes it takes. Pure arithmetic;
// `model` knows how a backend multiplies with them.

/** f32 as read, f16 rounded to nearest, int8 and int4 quantised in blocks of QUANT_BLOCK weights of a row
 *  (int4: embeddings and lm_head in 8 bits, where errors cost most). */
export const WEIGHT_PRECISIONS = ['f32', 'f16', 'int8', 'int4'] as const;
export type WeightPrecision = (typeof WEIGHT_PRECISIONS)[number];

/** How one initialiser lies in memory; q8 and q4 have one f32 scale per block beside them. */
export type WeightForm = 'f32' | 'f16' | 'q8' | 'q4';

/** Weights that share a scale: the smallest block that every backend takes for products and lookups. */
export const QUANT_BLOCK = 32;
/** Smaller tensors stay f32: gates and scalars are tiny and their errors matter most. */
const SMALLEST_CONVERTED = 16_384;
/** Most values in one initialiser: 64 MiB as f32, half of WebGPU's default binding limit, so that
 *  no adapter needs more even while a block is widened. Larger tensors are cut into blocks of rows. */
export const MAX_BLOCK_VALUES = 16 * 2 ** 20;

/** The form of a matrix or table [rows, width] of a checkpoint. Rows that are not a whole number of blocks
 *  stay f32. `isVocabulary`: wte, value_embeds or lm_head. */
export function weightForm(
  precision: WeightPrecision,
  o: { rows: number; width: number; isVocabulary: boolean },
): WeightForm {
  if (precision === 'f32' || o.rows * o.width < SMALLEST_CONVERTED) return 'f32';
  if (precision === 'f16') return 'f16';
  if (o.width % QUANT_BLOCK !== 0) return 'f32';
  return precision === 'int8' || o.isVocabulary ? 'q8' : 'q4';
}

/** Bytes of `values` weights in a form, scales included. */
export function weightBytes(values: number, form: WeightForm): number {
  switch (form) {
    case 'f32':
      return 4 * values;
    case 'f16':
      return 2 * values;
    case 'q8':
      return values + (4 * values) / QUANT_BLOCK;
    case 'q4':
      return values / 2 + (4 * values) / QUANT_BLOCK;
    default:
      return form satisfies never;
  }
}

/** Blocks of rows that a matrix [rows, width] is cut into: first row and number of rows of each. */
export function rowBlocks(
  rows: number,
  width: number,
  maxBlockValues: number,
): { start: number; rows: number }[] {
  const each = Math.ceil(rows / Math.ceil((rows * width) / maxBlockValues));
  return Array.from({ length: Math.ceil(rows / each) }, (_, i) => ({
    start: i * each,
    rows: Math.min(each, rows - i * each),
  }));
}

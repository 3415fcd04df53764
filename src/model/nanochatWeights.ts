// Products with a checkpoint's matrices and lookups in its tables, in the requested precision. The
// arithmetic is always f32: f16 weights are widened block by block, quantised ones inside
// the product. Knows forms of weights, not nanochat.
import type { WeightForm, WeightPrecision } from '../core/model/weightPrecision';
import { QUANT_BLOCK, rowBlocks, weightForm } from '../core/model/weightPrecision';
import type { GraphBuilder, WeightRange } from './onnx/graph';

/** onnx.proto's DataType codes, as Cast takes them */
const FLOAT32 = 1;
const INT32 = 6;

/** A matrix or table [rows, width], row-major, as ranges of checkpoint tensors one after another. */
export type WeightMatrix = {
  name: string;
  rows: number;
  width: number;
  parts: readonly WeightRange[];
  isVocabulary: boolean;
};

export type WeightChoice = { precision: WeightPrecision; maxBlockValues: number };

/** Values start … start+length−1 of ranges laid one after another. */
function cutParts(parts: readonly WeightRange[], start: number, length: number): WeightRange[] {
  const cut: WeightRange[] = [];
  let offset = 0;
  for (const part of parts) {
    const from = Math.max(start, offset);
    const to = Math.min(start + length, offset + part.length);
    if (from < to) {
      cut.push({ tensor: part.tensor, start: part.start + from - offset, length: to - from });
    }
    offset += part.length;
  }
  return cut;
}

/** The blocks of rows of a matrix; a matrix of one block is the block and keeps its name. */
function blocksOf(
  matrix: WeightMatrix,
  maxBlockValues: number,
): (WeightMatrix & { start: number })[] {
  const { width } = matrix;
  const blocks = rowBlocks(matrix.rows, width, maxBlockValues);
  if (blocks.length === 1) return [{ ...matrix, start: 0 }];
  return blocks.map(({ start, rows }) => ({
    ...matrix,
    name: `${matrix.name} rows ${start}`,
    rows,
    parts: cutParts(matrix.parts, start * width, rows * width),
    start,
  }));
}

/** x·Wᵀ, [n, rows] f32, for x [n, width] and W [rows, width]. */
export function emitProduct(
  b: GraphBuilder,
  { precision, maxBlockValues }: WeightChoice,
  x: string,
  matrix: WeightMatrix,
  name?: string,
): string {
  const blocks = blocksOf(matrix, maxBlockValues);
  const form = weightForm(precision, matrix);
  const [only] = blocks;
  if (blocks.length === 1 && only !== undefined) return emitBlockProduct(b, form, x, only, name);
  const columns = blocks.map((block) => emitBlockProduct(b, form, x, block));
  return b.op('Concat', columns, { axis: 1 }, name);
}

function emitBlockProduct(
  b: GraphBuilder,
  form: WeightForm,
  x: string,
  { name: weight, rows, width, parts }: WeightMatrix,
  name?: string,
): string {
  if (form === 'f32' || form === 'f16') {
    const stored = b.weights(weight, [rows, width], parts, form);
    const W = form === 'f32' ? stored : b.op('Cast', [stored], { to: FLOAT32 });
    return b.op('Gemm', [x, W], { transB: 1 }, name);
  }
  const bits = form === 'q8' ? 8 : 4;
  const perRow = width / QUANT_BLOCK;
  const codes = b.weights(weight, [rows, perRow, (QUANT_BLOCK * bits) / 8], parts, form);
  const scales = b.scales(codes, [rows * perRow]);
  const attributes = { K: width, N: rows, bits, block_size: QUANT_BLOCK };
  return b.op('MatMulNBits', [x, codes, scales], attributes, name);
}

/** Rows `ids` of a table [rows, width]: [B, T, width] f32, for int32 ids [B, T] below `rows`. */
export function emitLookup(
  b: GraphBuilder,
  { precision, maxBlockValues }: WeightChoice,
  ids: string,
  table: WeightMatrix,
): string {
  const form = weightForm(precision, table);
  const blocks = blocksOf(table, maxBlockValues);
  const [only] = blocks;
  if (blocks.length === 1 && only !== undefined) return emitBlockLookup(b, form, ids, only);
  // Every block looks up every id; ids of other blocks get an arbitrary row that is multiplied by 0.
  const parts = blocks.map((block) => {
    const { local, isInside } = emitLocalIds(b, ids, block.start, block.rows);
    return b.op('Mul', [emitBlockLookup(b, form, local, block), isInside]);
  });
  return parts.reduce((sum, part) => b.op('Add', [sum, part]));
}

function emitBlockLookup(
  b: GraphBuilder,
  form: WeightForm,
  ids: string,
  { name, rows, width, parts }: WeightMatrix,
): string {
  if (form === 'f32') {
    return b.op('Gather', [b.weights(name, [rows, width], parts, form), ids], { axis: 0 });
  }
  if (form === 'f16') {
    const found = b.op('Gather', [b.weights(name, [rows, width], parts, form), ids], { axis: 0 });
    return b.op('Cast', [found], { to: FLOAT32 });
  }
  const bits = form === 'q8' ? 8 : 4;
  const codes = b.weights(name, [rows, (width * bits) / 8], parts, form);
  const scales = b.scales(codes, [rows, width / QUANT_BLOCK]);
  const attributes = { gather_axis: 0, quantize_axis: 1, block_size: QUANT_BLOCK, bits };
  return b.op('GatherBlockQuantized', [codes, ids, scales], attributes);
}

/** Ids counted from `start` and clamped to the block, and 1 or 0 for whether they lie in it, [B, T, 1].
 *  In f32, exact below 2^24, because WebGPU has few operators on int32. */
function emitLocalIds(b: GraphBuilder, ids: string, start: number, rows: number) {
  return b.replicable(() => {
    const local = b.op('Sub', [b.op('Cast', [ids], { to: FLOAT32 }), b.constant(start)]);
    const clamped = b.op('Clip', [local, b.constant(0), b.constant(rows - 1)]);
    const isSame = b.op('Cast', [b.op('Equal', [local, clamped])], { to: FLOAT32 });
    return {
      local: b.op('Cast', [clamped], { to: INT32 }),
      isInside: b.op('Reshape', [isSame, b.integers([0, 0, 1])]),
    };
  });
}

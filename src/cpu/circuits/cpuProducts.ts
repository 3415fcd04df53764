// x·W for fixed matrices W and many rows x, on the processor's kernels: what rows of an attribution graph are made
// of. Knows no graph.
import { createArena } from '../arena';
import { rangesOf, type KernelThreads } from '../kernelThreads';

/** Row-major [inner, columns]. */
export type FixedMatrix = { values: Float32Array; inner: number; columns: number };

export type CpuProducts = {
  /** x·W of the first `rows` rows of x, [rows, columns]; valid until the next call */
  multiply: (x: Float32Array, rows: number, matrix: number) => Float32Array;
  dispose: () => void;
};

/** Rows multiplied at once, so that they stay in the cache. */
const CHUNK_ROWS = 64;
/** Rows of a panel of inputs and columns of one of weights (wasm/product.ts). */
const INPUT_PANEL = 4;
const WEIGHT_PANEL = 8;
/** Values of a panel multiplied at a time: it then fits the first cache. */
const INNER_BLOCK = 512;

/** Packs the matrices, which are not read again. Throws ConfigError if the machine has not the memory. */
export async function createCpuProducts(
  matrices: readonly FixedMatrix[],
  others: KernelThreads | null,
): Promise<CpuProducts> {
  const sizes = matrices.map(({ inner, columns }) => inner * stride(columns));
  const largest = (of: (matrix: FixedMatrix) => number) =>
    matrices.reduce((most, matrix) => Math.max(most, of(matrix)), 0);
  const words = {
    weights: sizes.reduce((sum, size) => sum + size, 0),
    input: CHUNK_ROWS * largest(({ inner }) => inner),
    packed: CHUNK_ROWS * largest(({ inner }) => Math.min(inner, INNER_BLOCK)),
    out: CHUNK_ROWS * largest(({ columns }) => stride(columns)),
  };
  const arena = await createArena('a circuit', words, others);
  const { at, f32, kernels } = arena;
  let end = 0;
  const starts = matrices.map((matrix, index) => {
    const start = end;
    pack(matrix, f32.weights.subarray(start, start + sizes[index]!));
    end += sizes[index]!;
    return start;
  });
  let result = new Float32Array();
  const chunk = (matrix: number, rows: number) => {
    const { inner, columns } = matrices[matrix]!;
    const width = stride(columns);
    f32.out.fill(0, 0, roundUp(rows, INPUT_PANEL) * width);
    for (const { first, count } of blocks(inner)) {
      kernels.pack(at.input + 4 * first, inner, 1, rows, count, INPUT_PANEL, at.packed);
      const weights = at.weights + 4 * (starts[matrix]! + first * width);
      const parts = rangesOf(width, arena.threads, WEIGHT_PANEL).map(([from, to]) => {
        const panels = weights + 4 * from * count;
        return [rows, to - from, count, at.packed, panels, at.out + 4 * from, width] as const;
      });
      arena.run('product', parts);
    }
  };
  return {
    multiply(x, rows, matrix) {
      const { inner, columns } = matrices[matrix]!;
      const width = stride(columns);
      if (result.length < rows * columns) result = new Float32Array(rows * columns);
      for (let from = 0; from < rows; from += CHUNK_ROWS) {
        const count = Math.min(CHUNK_ROWS, rows - from);
        f32.input.set(x.subarray(from * inner, (from + count) * inner));
        chunk(matrix, count);
        for (let row = 0; row < count; row++) {
          const source = f32.out.subarray(row * width, row * width + columns);
          result.set(source, (from + row) * columns);
        }
      }
      return result;
    },
    dispose: arena.dispose,
  };
}

/** Blocks of rows, each as panels of columns: [⌈columns / 8⌉, rows of the block, 8], missing columns 0. */
function pack({ values, inner, columns }: FixedMatrix, out: Float32Array): void {
  let to = 0;
  for (const { first, count } of blocks(inner)) {
    for (let panel = 0; panel < columns; panel += WEIGHT_PANEL) {
      const width = Math.min(WEIGHT_PANEL, columns - panel);
      for (let i = first; i < first + count; i++) {
        const from = i * columns + panel;
        out.set(values.subarray(from, from + width), to);
        to += WEIGHT_PANEL;
      }
    }
  }
}

function blocks(inner: number): { first: number; count: number }[] {
  return Array.from({ length: Math.ceil(inner / INNER_BLOCK) }, (_, i) => {
    const first = i * INNER_BLOCK;
    return { first, count: Math.min(INNER_BLOCK, inner - first) };
  });
}

function stride(columns: number): number {
  return roundUp(columns, WEIGHT_PANEL);
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

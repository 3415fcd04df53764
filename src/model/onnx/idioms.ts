// ONNX idioms that several parts of the graph use.
import type { GraphBuilder } from './graph';

/** "to the end" for Slice */
export const MAX_INDEX = 2 ** 31 - 1;

/** Slice's inputs after the data: elements start … end−1 of one axis. */
export function slice(b: GraphBuilder, start: number, end: number, axis: number): string[] {
  return [b.integers([start]), b.integers([end]), b.integers([axis])];
}

/** f32 initialiser [length] of one value, shared among equals. */
export function filled(b: GraphBuilder, length: number, value: number): string {
  return b.table(`const ${value} × ${length}`, [length], new Float32Array(length).fill(value));
}

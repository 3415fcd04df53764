// A slot as an edit knows it: direction, reader, scale; and the joint solution of projecting vectors
// (interface.md 4). Pure numbers: no model, no token, no GPU.
import { invariant } from '../errors';
import type { SaeParams } from '../sae/sae';
import type { SteerMode } from './steering';

export type EditSlot = {
  mode: SteerMode;
  /** value · ‖h‖ of the token, instead of value · scale */
  isNorm: boolean;
  /** residual units of value 1: A_i, or 1 */
  scale: number;
  /** unit vector, [d] */
  direction: Float32Array;
  /** whose activation is f; null: f = h·direction */
  latent: { params: SaeParams; latentIndex: number } | null;
};

/** Ridge of G: keeps two slots along one direction solvable. */
const RIDGE = 1e-4;
/** Above this cosine two projecting slots nearly ask for the same thing. */
export const NEARLY_ONE = 0.95;

/** Whether Δ depends on f: all modes but add. */
export function readsActivation(mode: SteerMode): boolean {
  return mode !== 'add';
}

/** Slots that are solved together: vectors in a mode that reads their projection, switched on. */
export function projectingSlots(
  slots: readonly EditSlot[],
  values: readonly (number | null)[],
): number[] {
  return [...slots.keys()].filter((at) => {
    const slot = slots[at]!;
    return slot.latent === null && readsActivation(slot.mode) && (values[at] ?? null) !== null;
  });
}

/** (V·Vᵀ + 1e-4·I)⁻¹ of unit vectors, [n, n] row-major, by Gauss–Jordan with pivots. */
export function inverseGram(vectors: readonly Float32Array[]): Float64Array {
  const n = vectors.length;
  const rows = vectors.map((v, i) => [
    ...vectors.map((w, j) => dot(v, w) + (i === j ? RIDGE : 0)),
    ...vectors.map((_, j) => (i === j ? 1 : 0)),
  ]);
  for (let col = 0; col < n; col++) {
    let pivot = col;
    for (let row = col + 1; row < n; row++) {
      if (Math.abs(rows[row]![col]!) > Math.abs(rows[pivot]![col]!)) pivot = row;
    }
    [rows[col], rows[pivot]] = [rows[pivot]!, rows[col]!];
    const head = rows[col]!;
    const scale = head[col]!;
    invariant(scale !== 0, 'a Gram matrix with a ridge has an inverse');
    for (let j = 0; j < 2 * n; j++) head[j]! /= scale;
    for (const [row, values] of rows.entries()) {
      const factor = values[col]!;
      if (row === col || factor === 0) continue;
      for (let j = 0; j < 2 * n; j++) values[j]! -= factor * head[j]!;
    }
  }
  return Float64Array.from(rows.flatMap((row) => row.slice(n)));
}

/** [d] each, in f64. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** v / ‖v‖; a zero vector stays zero. */
export function unitVector(vector: Float32Array): Float32Array {
  const norm = Math.sqrt(dot(vector, vector));
  return norm > 0 ? vector.map((value) => value / norm) : vector.slice();
}

// A slot as an edit needs it: direction, reader, scale; and the joint solution of projecting vectors
// (interface.md 4). Pure numbers: no model, no token, no GPU.
import { inverse, Matrix } from 'ml-matrix';
import { dot } from '../numeric/vectors';
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
  /** the latent whose activation is f; null: f = h·direction */
  latent: { params: SaeParams; latentIndex: number } | null;
};

/** Ridge of G: keeps it invertible when two slots share a direction. */
const RIDGE = 1e-4;
/** Above this cosine two projecting slots are nearly the same edit. */
export const NEARLY_ONE = 0.95;

/** Whether Δ depends on f: all modes except add. */
export function readsActivation(mode: SteerMode): boolean {
  return mode !== 'add';
}

/** Slots that are solved jointly: active vectors in a mode that reads their projection. */
export function projectingSlots(
  slots: readonly EditSlot[],
  values: readonly (number | null)[],
): number[] {
  return [...slots.keys()].filter((slotIndex) => {
    const slot = slots[slotIndex]!;
    return (
      slot.latent === null && readsActivation(slot.mode) && (values[slotIndex] ?? null) !== null
    );
  });
}

/** (V·Vᵀ + 1e-4·I)⁻¹ of unit vectors, [n, n] row-major. */
export function inverseGram(vectors: readonly Float32Array[]): Float64Array {
  const n = vectors.length;
  if (n === 0) return new Float64Array();
  const gram = new Matrix(n, n);
  for (const [i, v] of vectors.entries()) {
    for (const [j, w] of vectors.entries()) gram.set(i, j, dot(v, w) + (i === j ? RIDGE : 0));
  }
  return Float64Array.from(inverse(gram).to1DArray());
}

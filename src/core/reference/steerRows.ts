// CPU twin of steer_rows.wgsl, also used for edits on the CPU: the steering of interface.md 4 for listed
// rows of a residual stream, sums in f64. Knows no lane, no mask, no token.
import { dot, norm } from '../numeric/vectors';
import { latentActivation } from '../sae/latentActivation';
import { inverseGram, projectingSlots, readsActivation, type EditSlot } from '../steer/steerEdit';

/** Of one row. */
export type RowReadout = {
  /** ‖h‖ before, ‖Δ‖ after the clip */
  norm: number;
  deltaNorm: number;
  isClipped: boolean;
  /** per slot: f before and after; null: not computed */
  before: (number | null)[];
  achieved: (number | null)[];
};

export type SteerRowsCase = {
  /** [*, d]; changed in place where a row is listed and a slot is on */
  x: Float32Array | Float64Array;
  rows: ArrayLike<number>;
  slots: readonly EditSlot[];
  /** per slot; null: off */
  values: readonly (number | null)[];
  /** κ; null: no clip */
  clip: number | null;
  /** whether f of TopK latents is computed even if no mode reads it */
  readsTopK?: boolean;
};

/** h' = h + clip(ΣΔ), every Δ from the same h. A row whose coefficients are all 0 keeps its bits. */
export function steerRowsReference(c: SteerRowsCase): RowReadout[] {
  const { slots, values } = c;
  const d = slots[0]!.direction.length;
  const projecting = projectingSlots(slots, values);
  const inverse = inverseGram(projecting.map((slotIndex) => slots[slotIndex]!.direction));
  return Array.from(c.rows, (row) => {
    const h = c.x.subarray(row * d, (row + 1) * d);
    const length = norm(h);
    const before = slots.map((slot, slotIndex) => {
      const isRead = (values[slotIndex] ?? null) !== null && readsActivation(slot.mode);
      return isRead || c.readsTopK === true || isCheap(slot) ? activation(slot, h) : null;
    });
    const coefficients = solve({ slots, values, projecting, inverse, before, norm: length });
    const delta = new Float64Array(d);
    for (const [slotIndex, { direction }] of slots.entries()) {
      const coefficient = coefficients[slotIndex]!;
      if (coefficient === 0) continue;
      for (let i = 0; i < d; i++) delta[i]! += coefficient * direction[i]!;
    }
    const full = norm(delta);
    const isClipped = c.clip !== null && full > c.clip * length;
    const factor = isClipped ? (c.clip! * length) / full : 1;
    // Adding 0 would turn −0 into +0, but neutral slots must not change any bit.
    if (coefficients.some((value) => value !== 0)) {
      for (let i = 0; i < d; i++) h[i]! += factor * delta[i]!;
    }
    const achieved = slots.map((slot) =>
      c.readsTopK === true || isCheap(slot) ? activation(slot, h) : null,
    );
    return { norm: length, deltaNorm: factor * full, isClipped, before, achieved };
  });
}

/** Whether f needs the latent's own numbers only. */
function isCheap({ latent }: EditSlot): boolean {
  return latent === null || latent.params.architecture !== 'topk';
}

function activation({ latent, direction }: EditSlot, h: Float32Array | Float64Array): number {
  return latent === null
    ? dot(h, direction)
    : latentActivation(h, latent.params, latent.latentIndex);
}

/** How much of each direction is added. */
function solve(o: {
  slots: readonly EditSlot[];
  values: readonly (number | null)[];
  projecting: readonly number[];
  inverse: Float64Array;
  before: readonly (number | null)[];
  norm: number;
}): number[] {
  const wanted = o.slots.map((slot, slotIndex) => {
    const value = o.values[slotIndex] ?? null;
    if (value === null) return 0;
    return wantedChange(slot, value, o.before[slotIndex] ?? 0, o.norm);
  });
  const n = o.projecting.length;
  const joint = o.projecting.map((_, i) =>
    o.projecting.reduce((sum, slotIndex, j) => sum + o.inverse[i * n + j]! * wanted[slotIndex]!, 0),
  );
  o.projecting.forEach((slotIndex, i) => {
    wanted[slotIndex] = joint[i]!;
  });
  return wanted;
}

/** c of add; target − f of the others. */
function wantedChange(slot: EditSlot, value: number, f: number, norm: number): number {
  const amount = value * (slot.isNorm ? norm : slot.scale);
  switch (slot.mode) {
    case 'add':
      return amount;
    case 'set':
      return amount - f;
    case 'scale':
      return (value - 1) * f;
    case 'cap':
      return Math.min(f, amount) - f;
    case 'ablate':
      return -f;
    default:
      return slot.mode satisfies never;
  }
}

// Binder of steer_rows.wgsl: slots and their values as the kernel's numbers. Knows neither lanes nor masks.
import source from '../../../shaders/steer_rows.wgsl?raw';
import { dot } from '../../core/numeric/vectors';
import { encoderColumn } from '../../core/sae/latentWeights';
import { inverseGram, projectingSlots, type EditSlot } from '../../core/steer/steerEdit';
import { MAX_SLOTS, type SteerMode } from '../../core/steer/steering';
import type { BindingLayout } from '../device/bindingLayout';
import { packUniform } from '../device/buffers';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import { lanes, variantOf } from './lanes';
import { gridPart } from './parts';

export const STEER_ROWS_LAYOUT = {
  vectors: 'read',
  rows: 'read',
  known: 'read',
  residual: 'write',
  readouts: 'write',
  step: 'uniform',
} as const satisfies BindingLayout;

export const steerRows = defineKernel({
  label: 'steer_rows',
  source,
  parts: [gridPart],
  overrides: [],
  layout: STEER_ROWS_LAYOUT,
  variants: { gpu: lanes(64), software: lanes(8) },
});

/** Dispatch one workgroup per listed row. */
export function prepareSteerRows(
  context: GpuContext,
): Promise<PreparedKernel<typeof STEER_ROWS_LAYOUT>> {
  return steerRows.prepare(context, { overrides: {}, variant: variantOf(context) });
}

/** f32 of a row's readout: ‖h‖, ‖Δ‖, clipped, unused, f before and after of 8 slots each. */
export const READOUT_WIDTH = 20;
export const STEER_STEP_BYTES = 32 + MAX_SLOTS * 48 + MAX_SLOTS * MAX_SLOTS * 4;

const MODES: Readonly<Record<SteerMode, number>> = { add: 1, set: 2, scale: 3, cap: 4, ablate: 5 };
const RULES = { relu: 0, jumprelu: 1, gated: 2, topk: 3 } as const;
const RULE_VECTOR = 4;

/** The kernel's `vectors`, [2·S, d]. */
export function steerVectors(slots: readonly EditSlot[]): Float32Array {
  const d = slots[0]!.direction.length;
  const out = new Float32Array(2 * slots.length * d);
  slots.forEach((slot, s) => {
    out.set(slot.direction, s * d);
    out.set(readerOf(slot), (slots.length + s) * d);
  });
  return out;
}

/** What h is multiplied with to read the slot, [d]. */
function readerOf({ latent, direction }: EditSlot): Float32Array {
  return latent === null ? direction : encoderColumn(latent.params, latent.latentIndex);
}

type Field = readonly ['u32' | 'f32', number];

/** What a slot's rule is, once for all steps: rule code, bias, a, b, c. */
function ruleFields(slot: EditSlot): { rule: number; numbers: [number, number, number, number] } {
  const { latent } = slot;
  if (latent === null) return { rule: RULE_VECTOR, numbers: [0, 0, 0, 0] };
  const { params, latentIndex: i } = latent;
  // (h − b_dec)·w + b = h·w + (b − b_dec·w)
  const centre = params.applyBDecToInput ? dot(params.b_dec, readerOf(slot)) : 0;
  const bias = params.b_enc[i]! - centre;
  const rule = RULES[params.architecture];
  switch (params.architecture) {
    case 'topk':
    case 'relu':
      return { rule, numbers: [bias, 0, 0, 0] };
    case 'jumprelu':
      return { rule, numbers: [bias, Math.max(params.threshold[i]!, 0), 0, 0] };
    case 'gated':
      return {
        rule,
        numbers: [bias, params.b_gate[i]!, params.b_mag[i]!, Math.exp(params.r_mag[i]!)],
      };
    default:
      return params satisfies never;
  }
}

/** Packs `step`; what does not change with values is computed once. */
export function makeSteerStep(slots: readonly EditSlot[]) {
  const rules = slots.map(ruleFields);
  return (o: {
    values: readonly (number | null)[];
    clip: number | null;
    rows: number;
    maxRows: number;
  }): ArrayBuffer => {
    const projecting = projectingSlots(slots, o.values);
    const fields: Field[] = [
      ['u32', o.rows],
      ['u32', slots.length],
      ['u32', o.maxRows],
      ['f32', o.clip ?? 0],
      ['u32', slots[0]?.direction.length ?? 0],
      ['u32', 0],
      ['u32', 0],
      ['u32', 0],
    ];
    for (let s = 0; s < MAX_SLOTS; s++) {
      const slot = slots[s];
      const value = o.values[s] ?? null;
      const { rule, numbers } = rules[s] ?? { rule: 0, numbers: [0, 0, 0, 0] };
      fields.push(
        ['u32', slot === undefined || value === null ? 0 : MODES[slot.mode]],
        ['u32', slot?.isNorm === true ? 1 : 0],
        ['f32', value ?? 0],
        ['f32', slot?.scale ?? 0],
        ['u32', rule],
        ['u32', projecting.includes(s) ? 1 : 0],
        ...numbers.map((number) => ['f32', number] as const),
        ['u32', 0],
        ['u32', 0],
      );
    }
    fields.push(...inverseFields(slots, projecting));
    return packUniform(fields);
  };
}

/** [8, 8], rows and columns of slots that do not project are 0. */
function inverseFields(slots: readonly EditSlot[], projecting: readonly number[]): Field[] {
  const n = projecting.length;
  const inverse = inverseGram(projecting.map((at) => slots[at]!.direction));
  const full = new Float64Array(MAX_SLOTS * MAX_SLOTS);
  projecting.forEach((row, i) => {
    projecting.forEach((column, j) => {
      full[row * MAX_SLOTS + column] = inverse[i * n + j]!;
    });
  });
  return Array.from(full, (value) => ['f32', value] as const);
}

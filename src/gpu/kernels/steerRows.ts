// Binder of steer_rows.wgsl: slots and their values as the kernel's numbers. Knows neither lanes nor masks.
import source from '../../../shaders/steer_rows.wgsl?raw';
import { dot } from '../../core/numeric/vectors';
import { encoderColumn } from '../../core/sae/latentWeights';
import { inverseGram, projectingSlots, type EditSlot } from '../../core/steer/steerEdit';
import { MAX_SLOTS, type SteerMode } from '../../core/steer/steering';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import { packUniform, uniformStruct } from '../device/uniformStruct';
import { gridPart } from './parts';

const STEER_SLOT = uniformStruct({
  mode: 'u32',
  is_norm: 'u32',
  value: 'f32',
  scale: 'f32',
  rule: 'u32',
  is_projecting: 'u32',
  bias: 'f32',
  a: 'f32',
  b: 'f32',
  c: 'f32',
});

export const STEER_STEP = uniformStruct({
  rows: 'u32',
  slots: 'u32',
  max_rows: 'u32',
  kappa: 'f32',
  d: 'u32',
  slot: { of: STEER_SLOT, length: MAX_SLOTS },
  inverse: { of: 'vec4<f32>', length: (MAX_SLOTS * MAX_SLOTS) / 4 },
});

export const STEER_ROWS_LAYOUT = {
  vectors: 'read',
  rows: 'read',
  known: 'read',
  residual: 'write',
  readouts: 'write',
  step: STEER_STEP,
} as const satisfies BindingLayout;

export const steerRows = defineKernel({
  label: 'steer_rows',
  source,
  parts: [gridPart],
  overrides: [],
  layout: STEER_ROWS_LAYOUT,
  lanes: { gpu: 64, software: 8 },
  grid: { counts: ['rows'], workgroups: ({ rows }) => rows },
});

export function prepareSteerRows(
  context: GpuContext,
): Promise<PreparedKernel<typeof STEER_ROWS_LAYOUT, 'rows'>> {
  return steerRows.prepare(context, { overrides: {} });
}

/** f32 of a row's readout: ‖h‖, ‖Δ‖, clipped, unused, f before and after of 8 slots each. */
export const READOUT_WIDTH = 20;

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

/** The vector that h is multiplied with to read the slot, [d]. */
function readerOf({ latent, direction }: EditSlot): Float32Array {
  return latent === null ? direction : encoderColumn(latent.params, latent.latentIndex);
}

type Rule = Readonly<Record<'rule' | 'bias' | 'a' | 'b' | 'c', number>>;

/** What a slot's rule is, once for all steps. */
function ruleOf(slot: EditSlot): Rule {
  const { latent } = slot;
  if (latent === null) return { rule: RULE_VECTOR, bias: 0, a: 0, b: 0, c: 0 };
  const { params, latentIndex: i } = latent;
  // (h − b_dec)·w + b = h·w + (b − b_dec·w)
  const centre = params.applyBDecToInput ? dot(params.b_dec, readerOf(slot)) : 0;
  const bias = params.b_enc[i]! - centre;
  const rule = RULES[params.architecture];
  switch (params.architecture) {
    case 'topk':
    case 'relu':
      return { rule, bias, a: 0, b: 0, c: 0 };
    case 'jumprelu':
      return { rule, bias, a: Math.max(params.threshold[i]!, 0), b: 0, c: 0 };
    case 'gated':
      return {
        rule,
        bias,
        a: params.b_gate[i]!,
        b: params.b_mag[i]!,
        c: Math.exp(params.r_mag[i]!),
      };
    default:
      return params satisfies never;
  }
}

/** Packs `step`; parts that do not depend on values are computed once. */
export function makeSteerStep(slots: readonly EditSlot[]) {
  const rules = slots.map(ruleOf);
  return (o: {
    values: readonly (number | null)[];
    clip: number | null;
    rows: number;
    maxRows: number;
  }): Uint32Array => {
    const projecting = projectingSlots(slots, o.values);
    return packUniform(STEER_STEP, {
      rows: o.rows,
      slots: slots.length,
      max_rows: o.maxRows,
      kappa: o.clip ?? 0,
      d: slots[0]?.direction.length ?? 0,
      slot: slots.map((slot, s) => {
        const value = o.values[s] ?? null;
        return {
          ...rules[s]!,
          mode: value === null ? 0 : MODES[slot.mode],
          is_norm: slot.isNorm ? 1 : 0,
          value: value ?? 0,
          scale: slot.scale,
          is_projecting: projecting.includes(s) ? 1 : 0,
        };
      }),
      inverse: fullInverse(slots, projecting),
    });
  };
}

/** [8, 8], rows and columns of slots that do not project are 0. */
function fullInverse(slots: readonly EditSlot[], projecting: readonly number[]): Float64Array {
  const n = projecting.length;
  const inverse = inverseGram(projecting.map((at) => slots[at]!.direction));
  const full = new Float64Array(MAX_SLOTS * MAX_SLOTS);
  projecting.forEach((row, i) => {
    projecting.forEach((column, j) => {
      full[row * MAX_SLOTS + column] = inverse[i * n + j]!;
    });
  });
  return full;
}

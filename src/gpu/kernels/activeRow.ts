// Binder of active_row.wgsl: each row's active latents for SAEs with a threshold or a gate.
import source from '../../../shaders/active_row.wgsl?raw';
import type { GatedParams, JumpReluParams, ReluParams } from '../../core/sae/sae';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { ForwardPlan } from '../sae/forwardPlan';
import { CHUNK } from './chunks';
import { emptySlotPart, gridPart, laneCountsPart } from './parts';

export const ACTIVE_ROW_LAYOUT = {
  preActs: 'read',
  rule: 'read',
  latentIndices: 'write',
  latentActs: 'write',
  most: 'write',
  chunk: CHUNK,
} as const satisfies BindingLayout;

export const activeRow = defineKernel({
  label: 'active_row',
  source,
  parts: [emptySlotPart, gridPart, laneCountsPart],
  overrides: ['n', 'n_stride', 'capacity'],
  layout: ACTIVE_ROW_LAYOUT,
  lanes: { gpu: 64, software: 8 },
  grid: { counts: ['rows'], workgroups: ({ rows }) => rows },
  variants: { threshold: { GATED: false }, gated: { GATED: true } },
  example: { n: 130, n_stride: 192, capacity: 8 },
});

/** SAEs with a rule per latent. */
export type RuledParams = ReluParams | JumpReluParams | GatedParams;

export function prepareActiveRow(
  context: GpuContext,
  plan: Pick<ForwardPlan, 'd_sae' | 'nStride'>,
  o: { architecture: RuledParams['architecture']; capacity: number },
): Promise<PreparedKernel<typeof ACTIVE_ROW_LAYOUT, 'rows'>> {
  return activeRow.prepare(context, {
    overrides: { n: plan.d_sae, n_stride: plan.nStride, capacity: o.capacity },
    variant: o.architecture === 'gated' ? 'gated' : 'threshold',
  });
}

/** The kernel's `rule`. */
export function activeRule(params: RuledParams): Float32Array {
  switch (params.architecture) {
    case 'relu':
      return new Float32Array(params.d_sae);
    case 'jumprelu':
      return params.threshold.map((theta) => Math.max(theta, 0));
    case 'gated': {
      const { b_gate, b_mag, r_mag, d_sae } = params;
      const rule = new Float32Array(3 * d_sae);
      rule.set(b_gate, 0);
      rule.set(b_mag, d_sae);
      rule.set(r_mag.map(Math.exp), 2 * d_sae);
      return rule;
    }
    default:
      return params satisfies never;
  }
}

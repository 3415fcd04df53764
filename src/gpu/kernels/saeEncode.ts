// Binder of sae_encode.wgsl and its twin for software adapters: pre-activations and group maxima of one
// row chunk, from weights in f32 or f16. Does not select latents.
import registersSource from '../../../shaders/sae_encode_registers.wgsl?raw';
import tiledSource from '../../../shaders/sae_encode.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { ForwardPlan } from '../sae/forwardPlan';
import { CHUNK } from './chunks';
import { finishPreActsPart } from './parts';

export const SAE_ENCODE_LAYOUT = {
  xc: 'read',
  W_enc: 'read',
  b_enc: 'read',
  preActs: 'write',
  groupMax: 'write',
  counters: 'write',
  chunk: CHUNK,
} as const satisfies BindingLayout;

const OVERRIDES = ['d4', 'n', 'n_stride', 'group_width'] as const;
const EXAMPLE = { d4: 12, n: 130, n_stride: 192, group_width: 16 };

/** How W_enc is held; f16 needs a device with `hasF16`. */
export type EncodePrecision = 'f32' | 'f16';

const WEIGHTS = {
  f32: 'alias Weights = vec4<f32>;\n',
  f16: 'enable f16;\nalias Weights = vec4<f16>;\n',
} as const;

/** Rows × columns of a workgroup's tile. */
export type EncodeTile = '64x64' | '128x64';

/** 8 × 4 outputs a lane. */
const TILES = {
  '64x64': { TILE_ROWS: 64, TILE_COLS: 64, PER_ROWS: 8, LANES: 128 },
  '128x64': { TILE_ROWS: 128, TILE_COLS: 64, PER_ROWS: 8, LANES: 256 },
} as const;

export const saeEncode = defineKernel({
  label: 'sae_encode',
  source: tiledSource,
  parts: [finishPreActsPart],
  overrides: OVERRIDES,
  layout: SAE_ENCODE_LAYOUT,
  grid: {
    counts: ['rows'],
    workgroups: (size) => [
      size.n_stride / size.TILE_COLS,
      Math.ceil(size.rows / size.TILE_ROWS),
      1,
    ],
  },
  variants: {
    '64x64 f32': TILES['64x64'],
    '64x64 f16': TILES['64x64'],
    '128x64 f32': TILES['128x64'],
    '128x64 f16': TILES['128x64'],
  },
  directives: {
    '64x64 f32': WEIGHTS.f32,
    '64x64 f16': WEIGHTS.f16,
    '128x64 f32': WEIGHTS.f32,
    '128x64 f16': WEIGHTS.f16,
  },
  example: EXAMPLE,
});

export const saeEncodeRegisters = defineKernel({
  label: 'sae_encode_registers',
  source: registersSource,
  parts: [finishPreActsPart],
  overrides: OVERRIDES,
  layout: SAE_ENCODE_LAYOUT,
  lanes: 8,
  // A lane makes 4 rows of one column group.
  grid: {
    counts: ['rows'],
    workgroups: (size) => [
      size.n_stride / size.group_width,
      Math.ceil(size.rows / (4 * size.LANES)),
      1,
    ],
  },
  variants: { f32: {}, f16: {} },
  directives: WEIGHTS,
  example: EXAMPLE,
});

export type Encoder = PreparedKernel<typeof SAE_ENCODE_LAYOUT, 'rows'>;

/** Chooses by `context.isSoftware` unless `o.tile` names a tiled variant; `o.precision` is that of W_enc. */
export function prepareEncode(
  context: GpuContext,
  plan: ForwardPlan,
  o: { tile?: EncodeTile | undefined; precision?: EncodePrecision | undefined } = {},
): Promise<Encoder> {
  const overrides = {
    d4: plan.dStride / 4,
    n: plan.d_sae,
    n_stride: plan.nStride,
    group_width: plan.groupWidth,
  };
  const precision = o.precision ?? 'f32';
  if (context.isSoftware && o.tile === undefined) {
    return saeEncodeRegisters.prepare(context, { overrides, variant: precision });
  }
  return saeEncode.prepare(context, { overrides, variant: `${o.tile ?? '64x64'} ${precision}` });
}

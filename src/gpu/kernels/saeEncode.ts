// Binder of sae_encode.wgsl and its twin for software adapters: pre-activations and group maxima of one
// row chunk, from weights in f32 or f16. Does not select latents.
import registersSource from '../../../shaders/sae_encode_registers.wgsl?raw';
import tiledSource from '../../../shaders/sae_encode.wgsl?raw';
import type { BindingLayout, BindingSource } from '../device/bindingLayout';
import { defineKernel, type Grid } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { ForwardPlan } from '../sae/forwardPlan';
import { finishPreActsPart } from './parts';

export const SAE_ENCODE_LAYOUT = {
  xc: 'read',
  W_enc: 'read',
  b_enc: 'read',
  preActs: 'write',
  groupMax: 'write',
  counters: 'write',
  chunk: 'uniform',
} as const satisfies BindingLayout;

const OVERRIDES = ['d4', 'n', 'n_stride', 'group_width'] as const;
const EXAMPLE = { d4: 12, n: 130, n_stride: 192, group_width: 16 };

/** Rows of a workgroup's tile, per variant; 64 columns each, 8 × 4 outputs a thread. */
const TILE_ROWS = { '64x64': 64, '128x64': 128 } as const;
export type EncodeTile = keyof typeof TILE_ROWS;

/** How W_enc is held; f16 needs a device with `hasF16`. */
export type EncodePrecision = 'f32' | 'f16';

const WEIGHTS: Readonly<Record<EncodePrecision, string>> = {
  f32: 'alias Weights = vec4<f32>;\n',
  f16: 'enable f16;\nalias Weights = vec4<f16>;\n',
};

function tilePrelude(tile: EncodeTile, precision: EncodePrecision): string {
  const sizes = `const TILE_ROWS: u32 = ${TILE_ROWS[tile]}u;\nconst PER_ROWS: u32 = 8u;\n`;
  return WEIGHTS[precision] + sizes;
}

export const saeEncode = defineKernel({
  label: 'sae_encode',
  source: tiledSource,
  parts: [finishPreActsPart],
  overrides: OVERRIDES,
  layout: SAE_ENCODE_LAYOUT,
  variants: {
    '64x64 f32': tilePrelude('64x64', 'f32'),
    '64x64 f16': tilePrelude('64x64', 'f16'),
    '128x64 f32': tilePrelude('128x64', 'f32'),
    '128x64 f16': tilePrelude('128x64', 'f16'),
  },
  example: EXAMPLE,
});

export const saeEncodeRegisters = defineKernel({
  label: 'sae_encode_registers',
  source: registersSource,
  parts: [finishPreActsPart],
  overrides: OVERRIDES,
  layout: SAE_ENCODE_LAYOUT,
  variants: WEIGHTS,
  example: EXAMPLE,
});

/** Rows of one workgroup of the register variant: 8 threads of 4. */
const REGISTER_ROWS = 32;

export type EncodeBinding = Readonly<Record<keyof typeof SAE_ENCODE_LAYOUT, BindingSource>>;

export type Encoder = {
  /** Binds one chunk's buffers; the result records `rows` rows, as `chunk` must hold them. */
  bind: (bindings: EncodeBinding) => (pass: GPUComputePassEncoder, rows: number) => void;
};

/** Chooses by `context.isSoftware` unless `o.tile` names a tiled variant; `o.precision` is that of W_enc. */
export async function prepareEncode(
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
  const inRegisters = context.isSoftware && o.tile === undefined;
  const tile = o.tile ?? '64x64';
  const precision = o.precision ?? 'f32';
  const kernel = inRegisters
    ? await saeEncodeRegisters.prepare(context, { overrides, variant: precision })
    : await saeEncode.prepare(context, { overrides, variant: `${tile} ${precision}` });
  const grid = (rows: number): Grid =>
    inRegisters
      ? [plan.groups, Math.ceil(rows / REGISTER_ROWS), 1]
      : [plan.nStride / 64, Math.ceil(rows / TILE_ROWS[tile]), 1];
  return {
    bind: (bindings) => {
      const bound = kernel.bind(bindings);
      return (pass, rows) => {
        bound.encode(pass, grid(rows));
      };
    },
  };
}

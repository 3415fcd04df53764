// The parts of shaders/parts that kernels share, and what each of them expects to stand beside it. A kernel
// names those it needs (`parts` of defineKernel); they are put in front of its own source.
import adamSource from '../../../shaders/parts/adam.wgsl?raw';
import bdecGradientSource from '../../../shaders/parts/bdec_gradient.wgsl?raw';
import denseStepSource from '../../../shaders/parts/dense_step.wgsl?raw';
import emptySlotSource from '../../../shaders/parts/empty_slot.wgsl?raw';
import entrySumsSource from '../../../shaders/parts/entry_sums.wgsl?raw';
import finishPreActsSource from '../../../shaders/parts/finish_pre_acts.wgsl?raw';
import floatKeySource from '../../../shaders/parts/float_key.wgsl?raw';
import gridSource from '../../../shaders/parts/grid.wgsl?raw';
import laneCountsSource from '../../../shaders/parts/lane_counts.wgsl?raw';
import laneSumsSource from '../../../shaders/parts/lane_sums.wgsl?raw';
import listBlocksSource from '../../../shaders/parts/list_blocks.wgsl?raw';
import radixSelectSource from '../../../shaders/parts/radix_select.wgsl?raw';
import rowCodeSource from '../../../shaders/parts/row_code.wgsl?raw';
import shardSource from '../../../shaders/parts/shard.wgsl?raw';
import silenceSource from '../../../shaders/parts/silence.wgsl?raw';
import slotEntrySource from '../../../shaders/parts/slot_entry.wgsl?raw';
import trainerStepSource from '../../../shaders/parts/trainer_step.wgsl?raw';
import type { ShaderPart } from '../device/pipelineCache';

const LANES = 'const LANES: u32 = 8u;';

function overrides(type: 'u32' | 'f32', ...names: string[]): string[] {
  return names.map((name) => `override ${name}: ${type};`);
}

/** Storage bindings in this order. */
function storage(...declarations: [access: 'read' | 'read_write', name: string, type: string][]) {
  return declarations.map(
    ([access, name, type], index) =>
      `@group(0) @binding(${index}) var<storage, ${access}> ${name}: ${type};`,
  );
}

export const adamPart: ShaderPart = {
  label: 'adam',
  source: adamSource,
  expects: overrides('f32', 'beta1', 'beta2', 'eps'),
};

export const bdecGradientPart: ShaderPart = {
  label: 'bdec_gradient',
  source: bdecGradientSource,
  expects: [
    ...overrides('u32', 'd4', 'row_parts', 'latent_parts', 'centred'),
    ...storage(
      ['read', 'columnMoments', 'array<vec4<f32>>'],
      ['read', 'encoderPath', 'array<vec4<f32>>'],
    ),
  ],
};

export const denseStepPart: ShaderPart = { label: 'dense_step', source: denseStepSource };

export const emptySlotPart: ShaderPart = { label: 'empty_slot', source: emptySlotSource };

export const entrySumsPart: ShaderPart = {
  label: 'entry_sums',
  source: entrySumsSource,
  expects: [
    LANES,
    'const PER_LANE: u32 = 2u;',
    ...overrides('u32', 'rows', 'd4', 'entries_at'),
    ...storage(
      ['read', 'csc', 'array<u32>'],
      ['read', 'xc', 'array<vec4<f32>>'],
      ['read', 'gradient', 'array<vec4<f32>>'],
    ),
  ],
};

export const finishPreActsPart: ShaderPart = {
  label: 'finish_pre_acts',
  source: finishPreActsSource,
  expects: [
    ...overrides('u32', 'n'),
    ...storage(['read', 'b_enc', 'array<f32>'], ['read_write', 'counters', 'array<atomic<u32>>']),
  ],
};

export const floatKeyPart: ShaderPart = { label: 'float_key', source: floatKeySource };

export const gridPart: ShaderPart = { label: 'grid', source: gridSource, expects: [LANES] };

export const laneCountsPart: ShaderPart = {
  label: 'lane_counts',
  source: laneCountsSource,
  expects: [LANES],
};

export const laneSumsPart: ShaderPart = {
  label: 'lane_sums',
  source: laneSumsSource,
  expects: [LANES],
};

export const listBlocksPart: ShaderPart = {
  label: 'list_blocks',
  source: listBlocksSource,
  expects: overrides('u32', 'd4', 'block_entries', 'blocks_at'),
};

export const radixSelectPart: ShaderPart = {
  label: 'radix_select',
  source: radixSelectSource,
  expects: [LANES],
};

export const rowCodePart: ShaderPart = {
  label: 'row_code',
  source: rowCodeSource,
  expects: [
    LANES,
    'const PARTS: u32 = 8u;',
    'const SHARDED: bool = false;',
    'const EMPTY: u32 = 0xffffffffu;',
    ...overrides('u32', 'd4', 'k'),
    ...storage(
      ['read', 'latentIndices', 'array<u32>'],
      ['read', 'latentActs', 'array<f32>'],
      ['read', 'W_dec', 'array<vec4<f32>>'],
      ['read_write', 'gradient', 'array<vec4<f32>>'],
      ['read_write', 'preActGrad', 'array<f32>'],
    ),
  ],
};

export const shardPart: ShaderPart = { label: 'shard', source: shardSource };

export const silencePart: ShaderPart = { label: 'silence', source: silenceSource };

export const slotEntryPart: ShaderPart = {
  label: 'slot_entry',
  source: slotEntrySource,
  expects: [
    ...overrides('u32', 'main_slots', 'k', 'rows_at', 'k_aux', 'aux_row', 'entries_at'),
    ...storage(
      ['read', 'latentIndices', 'array<u32>'],
      ['read', 'latentActs', 'array<u32>'],
      ['read', 'auxIndices', 'array<u32>'],
      ['read', 'auxActs', 'array<u32>'],
      ['read', 'preActGrad', 'array<u32>'],
      ['read', 'auxPreActGrad', 'array<u32>'],
      ['read_write', 'csc', 'array<u32>'],
    ),
  ],
};

export const trainerStepPart: ShaderPart = { label: 'trainer_step', source: trainerStepSource };

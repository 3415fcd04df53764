// Binder of dead_update.wgsl: tokens since each latent fired, and the dead ones as a list.
import source from '../../../shaders/dead_update.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import {
  defineKernel,
  ONE_WORKGROUP,
  workgroupGrid,
  type PreparedKernel,
} from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { TrainerPlan } from '../train/trainerPlan';
import { gridPart, laneCountsPart, silencePart } from './parts';

export const DEAD_UPDATE_LAYOUT = {
  csc: 'read',
  tokensSinceFired: 'write',
  dead: 'write',
  metrics: 'write',
} as const satisfies BindingLayout;

export const deadUpdate = defineKernel({
  label: 'dead_update',
  source,
  parts: [gridPart, laneCountsPart, silencePart],
  overrides: [
    'rows',
    'main_rows',
    'n',
    'entries_at',
    'dead_after',
    'chunk_rows',
    'last_chunk_rows',
  ],
  layout: DEAD_UPDATE_LAYOUT,
  lanes: { gpu: 256, software: 8 },
  grid: ONE_WORKGROUP,
});

/** Word of `dead` at which the list of latents begins. */
export const DEAD_LIST_AT = 16;
/** Byte offsets of the indirect arguments in `dead`; every grid is empty without dead latents. */
export const DEAD_GRID = { fullChunk: 16, lastChunk: 28, rows: 40, one: 52 } as const;

/** Run it after every reader of `dead`. */
export function prepareDeadUpdate(
  context: GpuContext,
  plan: TrainerPlan,
): Promise<PreparedKernel<typeof DEAD_UPDATE_LAYOUT>> {
  const { rows, d_sae, entriesAt, deadAfter, forward } = plan;
  return deadUpdate.prepare(context, {
    overrides: {
      rows,
      main_rows: plan.levels * rows,
      n: d_sae,
      entries_at: entriesAt,
      dead_after: deadAfter,
      chunk_rows: forward.chunkRows,
      last_chunk_rows: lastChunkRows(plan),
    },
  });
}

/** The kernel's output for a given state, with which a run starts or resumes. */
export function deadBuffer(latents: Uint32Array, plan: TrainerPlan): Uint32Array {
  const words = new Uint32Array(DEAD_LIST_AT + plan.d_sae);
  const any = latents.length > 0 ? 1 : 0;
  words[0] = latents.length;
  words.set(workgroupGrid(any * plan.forward.chunkRows), DEAD_GRID.fullChunk / 4);
  words.set(workgroupGrid(any * lastChunkRows(plan)), DEAD_GRID.lastChunk / 4);
  words.set(workgroupGrid(any * plan.rows), DEAD_GRID.rows / 4);
  words.set(workgroupGrid(any), DEAD_GRID.one / 4);
  words.set(latents, DEAD_LIST_AT);
  return words;
}

function lastChunkRows({ forward }: TrainerPlan): number {
  return forward.chunks.at(-1)?.rows ?? 0;
}

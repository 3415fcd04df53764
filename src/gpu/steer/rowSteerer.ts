// Steers listed rows of a residual stream on the GPU: the slots of one hook point, from f to h', without a
// readback to wait for. Knows neither lanes nor masks nor what a slot means.
import type { GpuMatrix } from '../../core/handles';
import type { RowReadout } from '../../core/reference/steerRows';
import type { TopKParams } from '../../core/sae/sae';
import { readsActivation, type EditSlot } from '../../core/steer/steerEdit';
import { createBufferSet, writeBuffer, type BufferSet } from '../device/buffers';
import type { GpuContext } from '../device/device';
import { bufferOf } from '../device/handles';
import { createKnownActivations, type KnownActivations } from './knownActivations';
import {
  makeSteerStep,
  prepareSteerRows,
  READOUT_WIDTH,
  STEER_STEP,
  steerVectors,
} from '../kernels/steerRows';
import { checkSteeredRows } from './steeredRows';

export type RowSteerer = {
  /** Enqueues the edit of `rows` (distinct). Rows whose slots add nothing stay equal bit for bit. The
   *  result reads the measurements; call it, or drop it, once. Throws ShapeError on another width or a
   *  row outside. */
  run: (residual: GpuMatrix, rows: Uint32Array, values: readonly (number | null)[]) => StagedRows;
  dispose: () => void;
};

export type StagedRows = { read: () => Promise<RowReadout[]>; drop: () => void };

export type RowSteererOptions = {
  slots: readonly EditSlot[];
  /** κ; null: no clip */
  clip: number | null;
  /** most rows of one `run` */
  maxRows: number;
};

export async function createRowSteerer(
  context: GpuContext,
  o: RowSteererOptions,
): Promise<RowSteerer> {
  const set = createBufferSet(context, 'row_steerer');
  const known: KnownActivations[] = [];
  const dispose = () => {
    for (const part of known) part.dispose();
    set.dispose();
  };
  try {
    return await prepareSteerer(context, set, known, o, dispose);
  } catch (cause) {
    dispose();
    throw cause;
  }
}

async function prepareSteerer(
  context: GpuContext,
  set: BufferSet,
  known: KnownActivations[],
  o: RowSteererOptions,
  dispose: () => void,
): Promise<RowSteerer> {
  const { slots, clip, maxRows } = o;
  const d = slots[0]!.direction.length;
  const kernel = await prepareSteerRows(context);
  const buffers = {
    vectors: set.storage('vectors', steerVectors(slots)),
    rows: set.storage('rows', maxRows * 4),
    known: set.storage('known', slots.length * maxRows * 4),
    readouts: set.storage('readouts', maxRows * READOUT_WIDTH * 4),
    step: set.uniform('step', STEER_STEP.byteLength),
  };
  for (const { params, wanted } of topKGroups(slots)) {
    const shared = { rowIndices: buffers.rows, acts: buffers.known };
    known.push(await createKnownActivations(context, { params, wanted, maxRows, ...shared }));
  }
  const packStep = makeSteerStep(slots);
  return {
    run: (residual, rows, values) => {
      checkSteeredRows(residual, rows, { d, maxRows });
      writeBuffer(context, buffers.rows, rows);
      const step = packStep({ values, clip, rows: rows.length, maxRows });
      context.device.queue.writeBuffer(buffers.step, 0, step);
      const source = { buffer: bufferOf(residual.buffer), offset: 0, size: residual.rows * d * 4 };
      const encoder = context.device.createCommandEncoder({ label: 'steer' });
      for (const part of known) part.encode(encoder, source, rows.length);
      const pass = encoder.beginComputePass({ label: 'steer_rows' });
      kernel.bind({ ...buffers, residual: source }).encode(pass, { rows: rows.length });
      pass.end();
      const bytes = rows.length * READOUT_WIDTH * 4;
      const staged = context.staging.stage(encoder, buffers.readouts, bytes);
      context.device.queue.submit([encoder.finish()]);
      return {
        read: async () => parseReadouts(new Float32Array(await staged.read()), slots),
        drop: staged.drop,
      };
    },
    dispose,
  };
}

/** TopK latents whose activation is read by some slot, by SAE. */
function topKGroups(slots: readonly EditSlot[]) {
  const groups = new Map<TopKParams, { latentIndex: number; slot: number }[]>();
  for (const [slot, { latent, mode }] of slots.entries()) {
    if (latent?.params.architecture !== 'topk' || !readsActivation(mode)) continue;
    const wanted = groups.get(latent.params) ?? [];
    wanted.push({ latentIndex: latent.latentIndex, slot });
    groups.set(latent.params, wanted);
  }
  return [...groups].map(([params, wanted]) => ({ params, wanted }));
}

function parseReadouts(values: Float32Array, slots: readonly EditSlot[]): RowReadout[] {
  return Array.from({ length: values.length / READOUT_WIDTH }, (_, row) => {
    const at = row * READOUT_WIDTH;
    const isTopK = ({ latent }: EditSlot) => latent?.params.architecture === 'topk';
    return {
      norm: values[at]!,
      deltaNorm: values[at + 1]!,
      isClipped: values[at + 2] === 1,
      before: slots.map((slot, s) =>
        isTopK(slot) && !readsActivation(slot.mode) ? null : values[at + 4 + s]!,
      ),
      achieved: slots.map((slot, s) => (isTopK(slot) ? null : values[at + 12 + s]!)),
    };
  });
}

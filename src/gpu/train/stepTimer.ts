// Times of the kernels of a step: a pass with two timestamps per dispatch, in place of the step's one pass. Needs a
// device with timestamp-query, whose clock may go in steps of 0.1 ms.
import { createBufferSet } from '../device/buffers';
import type { Dispatch } from '../device/defineKernel';
import type { GpuContext } from '../device/device';

export type StepTimer = {
  record: (encoder: GPUCommandEncoder, dispatches: readonly Dispatch[]) => void;
  /** Mean milliseconds of a step by dispatch label, in order; after the steps were submitted. */
  read: () => Promise<ReadonlyMap<string, number>>;
  dispose: () => void;
};

/** A query set's most. */
const MOST_DISPATCHES = 2048;

export function createStepTimer(context: GpuContext): StepTimer {
  const { device } = context;
  const set = createBufferSet(context, 'step_timer');
  const querySet = device.createQuerySet({ type: 'timestamp', count: 2 * MOST_DISPATCHES });
  const resolved = set.storage('resolved', 16 * MOST_DISPATCHES, GPUBufferUsage.QUERY_RESOLVE);
  const reads: Promise<{ labels: string[]; times: BigUint64Array }>[] = [];
  return {
    record: (encoder, all) => {
      const dispatches = all.slice(0, MOST_DISPATCHES);
      for (const [i, dispatch] of dispatches.entries()) {
        const pass = encoder.beginComputePass({
          label: dispatch.label,
          timestampWrites: {
            querySet,
            beginningOfPassWriteIndex: 2 * i,
            endOfPassWriteIndex: 2 * i + 1,
          },
        });
        dispatch.record(pass);
        pass.end();
      }
      const bytes = dispatches.length * 16;
      encoder.resolveQuerySet(querySet, 0, 2 * dispatches.length, resolved, 0);
      const staged = context.staging.stage(encoder, resolved, bytes);
      const labels = dispatches.map(({ label }) => label);
      // The map must come after this encoder's submit, which follows at once.
      const later = Promise.resolve().then(() => staged.read());
      reads.push(later.then((buffer) => ({ labels, times: new BigUint64Array(buffer) })));
    },
    read: async () => {
      const sums = new Map<string, number>();
      for (const { labels, times } of await Promise.all(reads)) {
        labels.forEach((label, i) => {
          const ms = Number(times[2 * i + 1]! - times[2 * i]!) / 1e6;
          sums.set(label, (sums.get(label) ?? 0) + ms / reads.length);
        });
      }
      return sums;
    },
    dispose: () => {
      querySet.destroy();
      set.dispose();
    },
  };
}

// Running averages of a trainer's parameters on the GPU: one more dispatch per parameter at the end of a step.
// Knows where parameters lie, not what they mean.
import { averageRate, type WeightAverages } from '../../core/train/weightAverages';
import { invariant } from '../../core/errors';
import type { TrainerState } from '../../core/train/trainerState';
import { createBufferSet, readF32 } from '../device/buffers';
import type { Dispatch } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import { averageSpan, weightAverage } from '../kernels/weightAverage';
import { padColumns } from '../sae/latentMajor';
import type { ParameterPlace } from '../sae/parameterPlace';
import { cutColumns } from '../sae/weightBuffers';

export type WeightAverager = {
  dispatches: readonly Dispatch[];
  /** after the last enqueued step */
  read: () => Promise<WeightAverages>;
  byteLength: () => number;
  dispose: () => void;
};

/** null where the run averages nothing. */
export async function createWeightAverager(
  context: GpuContext,
  o: { emaDecay: number; state: TrainerState; parameters: readonly ParameterPlace[] },
): Promise<WeightAverager | null> {
  const { emaDecay, state, parameters } = o;
  if (emaDecay === 0) return null;
  const rate = averageRate(emaDecay);
  const kernel = await weightAverage.prepare(context, { overrides: {} });
  const set = createBufferSet(context, 'weight_averages');
  try {
    const averaged = parameters.map((place) => {
      const { name, buffer: values, first, count, cols } = place;
      const before = state.averages[name];
      invariant(before !== undefined, `trainer state without an average of ${name}`);
      const averages = set.storage(name, padColumns(before, cols));
      const span = set.uniform(`${name} span`, averageSpan({ first, count, rate }));
      const bound = kernel.bind({ values, averages, span });
      return { ...place, averages, dispatch: bound.dispatch({ count }) };
    });
    return {
      dispatches: averaged.map(({ dispatch }) => dispatch),
      read: async () => {
        const entries = averaged.map(async ({ name, averages, count, cols }) => {
          return [name, cutColumns(await readF32(context, averages, count), cols)] as const;
        });
        return Object.fromEntries(await Promise.all(entries));
      },
      byteLength: set.byteLength,
      dispose: set.dispose,
    };
  } catch (cause) {
    set.dispose();
    throw cause;
  }
}

// Running averages of a trainer's parameters on the GPU: one more dispatch per parameter at the end of a step.
// Knows where parameters lie, not what they mean.
import { averageRate, type WeightAverages } from '../../core/train/weightAverages';
import { invariant } from '../../core/errors';
import type { TrainerState } from '../../core/train/trainerState';
import { createBufferSet, readF32 } from '../device/buffers';
import type { Dispatch } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import { averageSpan, weightAverage } from '../kernels/weightAverage';
import { padColumns, strideOf } from '../sae/latentMajor';
import type { ParameterPlace } from '../sae/parameterPlace';
import { cutColumns, joined } from '../sae/weightBuffers';

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
    /** values of each parameter in the places so far */
    const placed = new Map<string, number>();
    const averaged = parameters.map((place) => {
      const { name, buffer: values, first, count, cols } = place;
      const before = state.averages[name];
      invariant(before !== undefined, `trainer state without an average of ${name}`);
      const at = placed.get(name) ?? 0;
      const end = at + (count / strideOf(cols)) * cols;
      placed.set(name, end);
      const averages = set.storage(name, padColumns(before.subarray(at, end), cols));
      const span = set.uniform(`${name} span`, averageSpan({ first, count, rate }));
      const bound = kernel.bind({ values, averages, span });
      return { ...place, averages, dispatch: bound.dispatch({ count }) };
    });
    return {
      dispatches: averaged.map(({ dispatch }) => dispatch),
      read: async () => {
        const read = averaged.map(async ({ name, averages, count, cols }) => {
          return { name, values: cutColumns(await readF32(context, averages, count), cols) };
        });
        const parts = await Promise.all(read);
        const whole = [...placed.keys()].map((name) => {
          const own = parts.filter((part) => part.name === name);
          return [name, joined(own.map(({ values }) => values))] as const;
        });
        return Object.fromEntries(whole);
      },
      byteLength: set.byteLength,
      dispose: set.dispose,
    };
  } catch (cause) {
    set.dispose();
    throw cause;
  }
}

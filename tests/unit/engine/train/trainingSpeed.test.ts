// How fast a run would be, on the processor's own kernels with a clock that a test turns.
import { expect, it } from 'vitest';
import type { Matrix } from '../../../../src/core/handles';
import { makeSaeConfig } from '../../../../src/core/sae/sae';
import { makeCpuBackend } from '../../../../src/cpu/cpuBackend';
import type { Job } from '../../../../src/engine/jobs';
import { measureSpeed } from '../../../../src/engine/train/trainingSpeed';
import type { ModelRuntime } from '../../../../src/model/modelTypes';

const CONFIG = makeSaeConfig({
  hookPoint: 'blocks.1.hook_resid_post',
  d_in: 16,
  d_sae: 32,
  k: 4,
  tokens: 4096,
  batchSize: 64,
  contextSize: 256,
  ringRows: 64,
  seed: 1,
});

const readCpu = (x: Matrix) =>
  x.where === 'cpu' ? Promise.resolve(x.data) : Promise.reject(new Error('no GPU here'));

/** A pass of the model lasts `passMs`; all else `stepMs`, whenever the clock is asked after it. */
function setup({ passMs, stepMs }: { passMs: number; stepMs: number }) {
  const clock = { ms: 0 };
  const told: string[] = [];
  const held = { rings: 0, trainers: 0, captures: 0 };
  const cpu = makeCpuBackend(readCpu, null);
  const backend: typeof cpu = {
    ...cpu,
    createRing: async (o) => {
      const ring = await cpu.createRing(o);
      held.rings++;
      return Object.assign(ring, { dispose: () => held.rings-- });
    },
    createTrainer: async (o) => {
      const trainer = await cpu.createTrainer(o);
      held.trainers++;
      const step = trainer.step.bind(trainer);
      return Object.assign(trainer, {
        dispose: () => held.trainers--,
        step: (rows: Uint32Array) => {
          clock.ms += stepMs;
          step(rows);
        },
      });
    },
  };
  const runtime = {
    capture: (tokenIds: Int32Array, _count: number, [hook]: readonly string[]) => {
      clock.ms += passMs;
      held.captures++;
      const data = Float32Array.from({ length: tokenIds.length * 16 }, (_, i) => Math.sin(i));
      const x: Matrix = { where: 'cpu', rows: tokenIds.length, cols: 16, data };
      return Promise.resolve({
        hooks: new Map([[hook, x]]),
        release: () => held.captures--,
      });
    },
  } as Partial<ModelRuntime> as ModelRuntime;
  const job: Pick<Job, 'step'> = {
    step: (phase) => {
      told.push(phase);
      return Promise.resolve();
    },
  };
  const request = { config: CONFIG, backend, vocabSize: 100, now: () => clock.ms, job: job as Job };
  return { request, runtime, told, held };
}

it('tells tokens a second of the model and seconds of a step, without the first of each', async () => {
  const { request, runtime, held } = setup({ passMs: 256, stepMs: 20 });
  const speed = await measureSpeed({ ...request, runtime });
  // 1,024 tokens in 256 ms, and 64 in 20 ms.
  expect(speed.captureTokensPerSecond).toBeCloseTo(4000);
  expect(speed.stepSeconds).toBeCloseTo(0.02);
  expect(speed.runsOn).toBe('cpu');
  expect(speed.profile).toEqual({ why: expect.stringContaining('one call') as unknown });
  expect(held).toEqual({ rings: 0, trainers: 0, captures: 0 });
});

it('takes no long step again for a profile', async () => {
  const { request } = setup({ passMs: 256, stepMs: 501 });
  const speed = await measureSpeed({ ...request, runtime: null });
  expect(speed.profile).toEqual({ why: expect.stringContaining('too long') as unknown });
});

it('reads no model where activations are random', async () => {
  const { request, told } = setup({ passMs: 256, stepMs: 500 });
  const speed = await measureSpeed({ ...request, runtime: null });
  expect(speed.captureTokensPerSecond).toBeNull();
  expect(speed.stepSeconds).toBeCloseTo(0.5);
  expect(new Set(told)).toEqual(new Set(['Measuring a step']));
});

it('lets everything go when it is cancelled in the middle', async () => {
  const { request, runtime, held, told } = setup({ passMs: 256, stepMs: 20 });
  const job = {
    step: (phase: string) => {
      told.push(phase);
      return told.filter((one) => one === 'Measuring a step').length === 3
        ? Promise.reject(new Error('cancelled'))
        : Promise.resolve();
    },
  } as Partial<Job> as Job;
  await expect(measureSpeed({ ...request, runtime, job })).rejects.toThrow('cancelled');
  expect(held).toEqual({ rings: 0, trainers: 0, captures: 0 });
});

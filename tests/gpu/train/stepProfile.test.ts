// What a trainer says of its kernels: steps like any others, timed.
import { expect } from 'vitest';
import { initTrainerState } from '../../../src/core/train/trainerState';
import { makeGpuBackend } from '../../../src/gpu/gpuBackend';
import { gpuTest } from '../../helpers/device/gpuTest';
import { makeRun } from '../../helpers/train/topkTrainerTests';

/** One trainer, asked for a profile or for as many steps on the same rows. */
async function train(backend: ReturnType<typeof makeGpuBackend>, isProfiled: boolean) {
  const { config, calibration, x } = makeRun({ rows: 33, d_in: 48, d_sae: 130, k: 5 });
  const { d_in: d, ringRows, batchSize } = config;
  const rows = Uint32Array.from({ length: ringRows }, (_, i) => i);
  const ring = await backend.createRing({ rows: ringRows, d });
  await ring.append({ where: 'cpu', rows: ringRows, cols: d, data: x }, rows, 1, 0);
  const state = initTrainerState(config, calibration);
  const trainer = await backend.createTrainer({ config, calibration, state, ring });
  try {
    const batch = rows.subarray(0, batchSize);
    const profile = isProfiled ? await trainer.profile(batch) : null;
    for (let i = 0; i < 3 && !isProfiled; i++) trainer.step(batch);
    await trainer.takeMetrics({ all: true });
    return { profile, end: await trainer.readState() };
  } finally {
    trainer.dispose();
    ring.dispose();
  }
}

gpuTest(
  'a profile names the kernels in their order and trains as three steps do',
  async (context) => {
    const backend = makeGpuBackend(context);
    const { profile, end } = await train(backend, true);
    if (profile === null || 'why' in profile) throw new Error(profile?.why ?? 'no profile');
    const names = profile.kernels.map(({ name }) => name);
    expect(names.slice(0, 3)).toEqual(['gather', 'sae_encode_registers', 'topk_row']);
    expect(names.slice(-3)).toEqual(['latent_update', 'step_stats', 'dead_update']);
    expect(new Set(names).size).toBe(names.length);
    expect(profile.kernels.every(({ ms }) => ms >= 0)).toBe(true);
    expect(profile.kernels.some(({ ms }) => ms > 0)).toBe(true);
    // 2 · 33 · 48 · 130
    expect(profile.kernels[1]!.work?.flop).toBe(411_840);
    expect(Math.min(profile.limits.flop, profile.limits.bytes)).toBeGreaterThan(1e6);
    expect(end).toEqual((await train(backend, false)).end);
  },
);

gpuTest('without timestamp-query it says so and takes no step', async (context) => {
  const { profile, end } = await train(makeGpuBackend({ ...context, hasTimestamps: false }), true);
  expect(profile).toEqual({ why: expect.stringContaining('timestamp-query') as unknown });
  expect(end.step).toBe(0);
});

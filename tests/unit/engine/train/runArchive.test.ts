import { describe, expect, it } from 'vitest';
import type { SaeArchitecture } from '../../../../src/core/sae/architecture';
import { makeSaeConfig } from '../../../../src/core/sae/sae';
import { initTrainerState } from '../../../../src/core/train/trainerState';
import type { Checkpoint } from '../../../../src/engine/train/checkpointBlob';
import { createRunArchive } from '../../../../src/engine/train/runArchive';
import { formatArrayBundle, parseArrayBundle } from '../../../../src/formats/archives/arrayBundle';
import { createMemoryStorage } from '../../../../src/storage/memoryStorage';
import { StorageFullError } from '../../../../src/storage/storage';

const SHARED = {
  hookPoint: 'blocks.0.hook_resid_post' as const,
  d_in: 6,
  d_sae: 10,
  tokens: 64,
  batchSize: 8,
  seed: 4,
  contextSize: 16,
};
const config = makeSaeConfig({ ...SHARED, k: 2 });
const run = (runId: string, number: number) => ({
  runId,
  number,
  modelId: 'demo~0',
  config,
  isStopped: false,
});

function checkpoint(step: number): Checkpoint {
  const calibration = {
    tokens: 64,
    inputScale: 0.5,
    variance: 3,
    mean: Float32Array.of(1, 2, 3, 4, 5, 6),
  };
  const state = { ...initTrainerState(config, calibration), step };
  state.adam.b_enc.v[3] = 0.25;
  state.tokensSinceFired[2] = 9;
  const point = {
    tokens: 8,
    loss: 0.5,
    l0: 2,
    explainedVariance: 0.1,
    deadFraction: 0,
    auxLoss: 0,
  };
  return { calibration, state, points: [{ step: 0, ...point }] };
}

describe('run archive', () => {
  it('gives back a checkpoint bit for bit', async () => {
    const archive = createRunArchive(createMemoryStorage());
    const record = await archive.save(run('run-1', 1), checkpoint(5));
    expect(record.savedStep).toBe(5);
    expect(await archive.load(record)).toEqual(checkpoint(5));
  });

  it('keeps the averages of the weights where the run has them', async () => {
    const archive = createRunArchive(createMemoryStorage());
    const averaging = makeSaeConfig({ ...SHARED, architecture: 'gated', emaDecay: 0.99 });
    const { calibration, points } = checkpoint(5);
    const state = { ...initTrainerState(averaging, calibration), step: 5 };
    state.averages.r_mag![2] = 0.5;
    state.averages.W_enc![7] = -0.25;
    const kept = { calibration, points, state };
    const record = await archive.save({ ...run('run-1', 1), config: averaging }, kept);
    expect(await archive.load(record)).toEqual(kept);
    const without = { ...record, config: { ...averaging, emaDecay: 0, d_sae: 10 } };
    expect((await archive.load(without))!.state.averages).toEqual({});
  });

  it('keeps one checkpoint per run, the latest, and lists newest runs first', async () => {
    const storage = createMemoryStorage();
    const archive = createRunArchive(storage);
    const older = await archive.save(run('run-1', 1), checkpoint(5));
    await archive.save(run('run-1', 1), checkpoint(6));
    await archive.save(run('run-2', 2), checkpoint(1));
    expect((await archive.list()).map((r) => [r.runId, r.savedStep])).toEqual([
      ['run-2', 1],
      ['run-1', 6],
    ]);
    await expect(storage.getBlob(older.checkpoint!)).rejects.toThrow('no longer in storage');
    expect(await archive.nextNumber()).toBe(3);
    await archive.delete('run-2');
    expect(await archive.get('run-2')).toBeNull();
  });

  it('keeps the last good checkpoint when the disk is full', async () => {
    const room =
      1.5 *
      (await createRunArchive(createMemoryStorage()).save(run('a', 1), checkpoint(1))).checkpoint!
        .byteLength;
    const archive = createRunArchive(createMemoryStorage(room));
    await archive.save(run('run-1', 1), checkpoint(5));
    await expect(archive.save(run('run-1', 1), checkpoint(6))).rejects.toThrow(StorageFullError);
    const record = await archive.get('run-1');
    expect(record?.savedStep).toBe(5);
    expect((await archive.load(record!))!.state.step).toBe(5);
  });
});

describe('checkpoints of other architectures', () => {
  it('give back running values and the architecture’s own parameters', async () => {
    for (const own of [
      { architecture: 'batchtopk', k: 2.5 },
      { architecture: 'gated' },
      { architecture: 'jumprelu' },
    ] as const) {
      const other = makeSaeConfig<SaeArchitecture>({ ...SHARED, ...own });
      const { calibration } = checkpoint(3);
      const state = { ...initTrainerState(other, calibration), step: 3 };
      state.running.fill(0.75);
      for (const vector of Object.values(state.extra)) vector.v.fill(0.5);
      const archive = createRunArchive(createMemoryStorage());
      const record = await archive.save(
        { ...run('run-1', 1), config: other },
        { calibration, state, points: [] },
      );
      expect((await archive.load(record))!.state).toEqual(state);
    }
  });

  it('loads a record and a checkpoint from before there was a choice', async () => {
    const storage = createMemoryStorage();
    const archive = createRunArchive(storage);
    const record = await archive.save(run('run-1', 1), checkpoint(5));
    const old: Record<string, unknown> = { ...record.config };
    delete old['architecture'];
    await storage.setFacts('run/run-1', { ...record, config: old });
    // As it was written then: the same arrays, without `running`.
    const bundle = parseArrayBundle(await storage.getBlob(record.checkpoint!), 'test');
    const { running, ...arrays } = bundle.arrays;
    expect(running).toHaveLength(0);
    const checkpointThen = await storage.putBlob('then', formatArrayBundle({ ...bundle, arrays }));
    const stored = await archive.get('run-1');
    expect(stored?.config).toEqual(config);
    const loaded = await archive.load({ ...stored!, checkpoint: checkpointThen });
    expect(loaded).toEqual(checkpoint(5));
  });
});

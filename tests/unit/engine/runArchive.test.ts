import { describe, expect, it } from 'vitest';
import { makeSaeConfig } from '../../../src/core/sae';
import { initTrainerState } from '../../../src/core/trainerState';
import { createRunArchive, type Checkpoint } from '../../../src/engine/runArchive';
import { createMemoryStorage } from '../../../src/storage/memoryStorage';
import { StorageFullError } from '../../../src/storage/storage';

const config = makeSaeConfig({
  hookPoint: 'blocks.0.hook_resid_post',
  d_in: 6,
  d_sae: 10,
  k: 2,
  tokens: 64,
  batchSize: 8,
  seed: 4,
  contextSize: 16,
});
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

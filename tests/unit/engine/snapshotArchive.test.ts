import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../../../src/core/snapshots';
import { createSnapshotArchive } from '../../../src/engine/snapshotArchive';
import { createMemoryStorage } from '../../../src/storage/memoryStorage';
import { StorageFullError } from '../../../src/storage/storage';

function snapshot(step: number, scale = 1): Snapshot {
  return {
    step,
    params: {
      architecture: 'topk',
      d_in: 2,
      d_sae: 3,
      k: 1,
      W_enc: Float32Array.of(1, 2, 3, -4, 0.5, 0.25),
      b_enc: Float32Array.of(0, 1, -step),
      W_dec: Float32Array.of(1, 0, 0, 1, 0.5, -0.5),
      b_dec: Float32Array.of(scale, 2),
      applyBDecToInput: true,
    },
    tokensSinceFired: Uint32Array.of(1, 2, 70_000),
  };
}

const stepsOf = (records: readonly { step: number }[]) => records.map(({ step }) => step);

describe('snapshot archive', () => {
  it('gives back what f16 holds, and wider values as they were', async () => {
    const archive = createSnapshotArchive(createMemoryStorage());
    await archive.save('run-1', snapshot(4, 100_000.5));
    const [record] = await archive.list('run-1');
    expect(await archive.load(record!)).toEqual(snapshot(4, 100_000.5));
  });

  it('lists by step, replaces a step, keeps its star', async () => {
    const archive = createSnapshotArchive(createMemoryStorage());
    for (const step of [4, 0, 2]) await archive.save('run-1', snapshot(step));
    await archive.star('run-1', 2, true);
    await archive.save('run-1', snapshot(2, 7));
    const records = await archive.list('run-1');
    expect(stepsOf(records)).toEqual([0, 2, 4]);
    expect(records[1]!.isStarred).toBe(true);
    expect((await archive.load(records[1]!)).params.b_dec[0]).toBe(7);
  });

  it('thins to its budget and frees what it drops', async () => {
    const storage = createMemoryStorage();
    const probe = createSnapshotArchive(storage);
    await probe.save('probe', snapshot(0));
    const size = (await probe.list('probe'))[0]!.blob.byteLength;
    const archive = createSnapshotArchive(storage, 3 * size + 8);
    await archive.save('run-1', snapshot(0));
    await archive.save('run-1', snapshot(10));
    const before = (await archive.list('run-1'))[1]!;
    await archive.save('run-1', snapshot(11));
    await archive.save('run-1', snapshot(200));
    expect(stepsOf(await archive.list('run-1'))).toEqual([0, 11, 200]);
    await expect(archive.load(before)).rejects.toThrow('no longer in storage');
  });

  it('forgets what a resumed run will write anew, and a deleted run whole', async () => {
    const storage = createMemoryStorage();
    const archive = createSnapshotArchive(storage);
    for (const step of [0, 1, 2, 4]) await archive.save('run-1', snapshot(step));
    const [, , third] = await archive.list('run-1');
    await archive.deleteAfter('run-1', 1);
    expect(stepsOf(await archive.list('run-1'))).toEqual([0, 1]);
    await expect(archive.load(third!)).rejects.toThrow('no longer in storage');
    await archive.delete('run-1');
    expect(await archive.list('run-1')).toEqual([]);
    expect(await storage.keys('')).toEqual([]);
  });

  it('keeps its list when the disk is full', async () => {
    const storage = createMemoryStorage(600);
    const archive = createSnapshotArchive(storage);
    await archive.save('run-1', snapshot(0));
    await expect(archive.save('run-1', snapshot(1))).rejects.toThrow(StorageFullError);
    expect(stepsOf(await archive.list('run-1'))).toEqual([0]);
  });
});

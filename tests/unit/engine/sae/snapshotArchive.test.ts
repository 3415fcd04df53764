import { describe, expect, it } from 'vitest';
import { latentRowsOf, type Snapshot } from '../../../../src/core/sae/snapshots';
import {
  createSnapshotArchive,
  type SnapshotRecord,
} from '../../../../src/engine/sae/snapshotArchive';
import { formatArrayBundle } from '../../../../src/formats/archives/arrayBundle';
import { createMemoryStorage } from '../../../../src/storage/memoryStorage';
import { StorageFullError } from '../../../../src/storage/storage';

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

  it('reads one latent from its own block', async () => {
    const storage = createMemoryStorage();
    const read: string[] = [];
    const archive = createSnapshotArchive({
      ...storage,
      getBlob: (pointer) => {
        read.push(pointer.key);
        return storage.getBlob(pointer);
      },
    });
    // So wide that a block holds two of the three latents.
    const d_in = 2 ** 17;
    const wide = snapshot(8);
    const values = () => Float32Array.from({ length: 3 * d_in }, (_, i) => (i % 97) / 32);
    wide.params = { ...wide.params, d_in, W_enc: values(), W_dec: values() };
    await archive.save('run-1', wide);
    const [record] = await archive.list('run-1');
    expect(record!.blocks).toHaveLength(2);
    for (const [latent, block] of [0, 0, 1].entries()) {
      read.length = 0;
      const rows = await archive.loadRows(record!, latent);
      expect(read.map((key) => key.split('#')[0])).toEqual([
        'run-snapshot/run-1/8',
        `run-snapshot/run-1/8/${block}`,
      ]);
      const expected = latentRowsOf(wide, latent);
      expect(rows.step).toBe(8);
      expect(rows.encoder.every((value, i) => value === expected.encoder[i])).toBe(true);
      expect(rows.decoder.every((value, i) => value === expected.decoder[i])).toBe(true);
      expect(rows.b_enc).toBe(expected.b_enc);
      expect(rows.tokensSinceFired).toBe(expected.tokensSinceFired);
    }
    const whole = await archive.load(record!);
    expect(whole.params.W_enc.every((value, i) => value === wide.params.W_enc[i])).toBe(true);
  });

  it('reads snapshots that were kept in one piece', async () => {
    const storage = createMemoryStorage();
    const { step, params, tokensSinceFired } = snapshot(4);
    const { W_enc, W_dec, b_enc, b_dec, ...plain } = params;
    const arrays = { tokensSinceFired, W_enc, W_dec, b_enc, b_dec };
    const bytes = formatArrayBundle({ facts: { step, plain }, arrays });
    const blob = await storage.putBlob('run-snapshot/run-1/4', bytes);
    await storage.setFacts('run-snapshots/run-1', [{ step, isStarred: false, blob }]);
    const archive = createSnapshotArchive(storage);
    const [record] = await archive.list('run-1');
    expect(await archive.load(record!)).toEqual(snapshot(4));
    expect(await archive.loadRows(record!, 1)).toEqual(latentRowsOf(snapshot(4), 1));
  });

  it('leaves nothing behind of one that found no room', async () => {
    const storage = createMemoryStorage(700);
    const archive = createSnapshotArchive(storage);
    const wide = snapshot(8);
    wide.params = { ...wide.params, b_dec: new Float32Array(1000) };
    await expect(archive.save('run-1', wide)).rejects.toThrow(StorageFullError);
    // The whole quota is free again.
    await storage.putBlob('other', new Uint8Array(700));
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
    const [{ blob, blocks }] = (await probe.list('probe')) as [SnapshotRecord];
    const size = [blob, ...blocks!].reduce((sum, { byteLength }) => sum + byteLength, 0);
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

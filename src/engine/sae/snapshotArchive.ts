// Keeps the snapshots of training runs, thinned to a budget. Its blobs are written whole, then named in the
// run's list: if the tab is killed, at most unlisted blobs remain, which the next save of that step
// overwrites.
import { elementAt } from '../../core/elementAt';
import {
  latentRowsOf,
  thinSnapshots,
  type LatentRows,
  type Snapshot,
} from '../../core/sae/snapshots';
import type { BlobPointer, Storage } from '../../storage/storage';
import {
  formatBlocks,
  formatHead,
  joinBlocks,
  latentsPerBlock,
  parseBlock,
  parseHead,
  rowsOfBlock,
} from './snapshotBlob';

export type SnapshotRecord = {
  step: number;
  isStarred: boolean;
  blob: BlobPointer;
  /** blocks of latents' rows; absent in older ones, whose `blob` holds everything */
  blocks?: BlobPointer[];
};

export type SnapshotArchive = {
  /** ascending by step */
  list: (runId: string) => Promise<SnapshotRecord[]>;
  /** Replaces one of the same step; drops others if the budget is exceeded. Throws StorageFullError. */
  save: (runId: string, snapshot: Snapshot) => Promise<void>;
  load: (record: SnapshotRecord) => Promise<Snapshot>;
  /** One latent, from the block that contains it. */
  loadRows: (record: SnapshotRecord, latentIndex: number) => Promise<LatentRows>;
  /** A starred snapshot is never thinned away. */
  star: (runId: string, step: number, isStarred: boolean) => Promise<void>;
  /** Deletes those after `step`: a run that resumes there writes them again. */
  deleteAfter: (runId: string, step: number) => Promise<void>;
  delete: (runId: string) => Promise<void>;
};

const PREFIX = 'run-snapshots/';
/** interface.md 2.2 */
const BUDGET_BYTES = 2 ** 30;

export function createSnapshotArchive(
  storage: Storage,
  budgetBytes = BUDGET_BYTES,
): SnapshotArchive {
  const list = async (runId: string) =>
    ((await storage.getFacts(PREFIX + runId)) as SnapshotRecord[] | undefined) ?? [];
  const deleteBlobs = async (records: readonly Pick<SnapshotRecord, 'blob' | 'blocks'>[]) => {
    for (const pointer of records.flatMap(pointersOf)) await storage.delete(pointer.key);
  };
  /** If a snapshot does not fit, its blobs that were already written are deleted. */
  const putAll = async (runId: string, snapshot: Snapshot) => {
    const key = `run-snapshot/${runId}/${snapshot.step}`;
    const blocks: BlobPointer[] = [];
    try {
      for (const bytes of formatBlocks(snapshot)) {
        blocks.push(await storage.putBlob(`${key}/${blocks.length}`, bytes));
      }
      return { blob: await storage.putBlob(key, formatHead(snapshot)), blocks };
    } catch (cause) {
      const known = (await list(runId)).some((record) => record.step === snapshot.step);
      if (!known) for (const pointer of blocks) await storage.delete(pointer.key);
      throw cause;
    }
  };
  const headOf = async ({ blob, step }: SnapshotRecord) =>
    parseHead(await storage.getBlob(blob), `snapshot of step ${step}`);
  const blockOf = async ({ step }: SnapshotRecord, pointer: BlobPointer) =>
    parseBlock(await storage.getBlob(pointer), `snapshot of step ${step}`);
  const load = async (record: SnapshotRecord): Promise<Snapshot> => {
    const head = await headOf(record);
    const { blocks } = record;
    if (blocks === undefined) return head as Snapshot;
    const parsed = [];
    for (const pointer of blocks) parsed.push(await blockOf(record, pointer));
    return joinBlocks(head, parsed);
  };
  /** Writes the list first, then deletes what it no longer names. */
  const keep = async (runId: string, records: SnapshotRecord[], gone: SnapshotRecord[]) => {
    await storage.setFacts(PREFIX + runId, records);
    await deleteBlobs(gone);
  };
  const keepWhere = async (runId: string, test: (record: SnapshotRecord) => boolean) => {
    const records = await list(runId);
    const gone = records.filter((record) => !test(record));
    if (gone.length > 0) await keep(runId, records.filter(test), gone);
  };
  return {
    list,
    async save(runId, snapshot) {
      const { step } = snapshot;
      const blobs = await putAll(runId, snapshot);
      const records = await list(runId);
      const isStarred = records.find((record) => record.step === step)?.isStarred ?? false;
      const all = [
        ...records.filter((record) => record.step !== step),
        { step, isStarred, ...blobs },
      ];
      all.sort((a, b) => a.step - b.step);
      const sizes = all.map((record) => {
        const byteLength = pointersOf(record).reduce((sum, blob) => sum + blob.byteLength, 0);
        return { ...record, byteLength };
      });
      const dropped = new Set(thinSnapshots(sizes, budgetBytes));
      const isDropped = (record: SnapshotRecord) => dropped.has(record.step);
      await keep(
        runId,
        all.filter((record) => !isDropped(record)),
        all.filter(isDropped),
      );
    },
    load,
    async loadRows(record, latentIndex) {
      const { blocks } = record;
      if (blocks === undefined) return latentRowsOf(await load(record), latentIndex);
      const head = await headOf(record);
      const which = Math.floor(latentIndex / latentsPerBlock(head.params.d_in));
      return rowsOfBlock(head, await blockOf(record, elementAt(blocks, which)), latentIndex);
    },
    async star(runId, step, isStarred) {
      const records = await list(runId);
      const starred = records.map((record) =>
        record.step === step ? { ...record, isStarred } : record,
      );
      await keep(runId, starred, []);
    },
    deleteAfter: (runId, step) => keepWhere(runId, (record) => record.step <= step),
    async delete(runId) {
      const gone = await list(runId);
      await storage.delete(PREFIX + runId);
      await deleteBlobs(gone);
    },
  };
}

function pointersOf({ blob, blocks = [] }: Pick<SnapshotRecord, 'blob' | 'blocks'>): BlobPointer[] {
  return [blob, ...blocks];
}

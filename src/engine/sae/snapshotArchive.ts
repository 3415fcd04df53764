// Keeps the snapshots of training runs, thinned to a budget. Blobs are stored first, then named in the run's
// list.
import * as v from 'valibot';
import { elementAt } from '../../core/elementAt';
import {
  latentRowsOf,
  thinSnapshots,
  type LatentRows,
  type Snapshot,
} from '../../core/sae/snapshots';
import { deleteRecord } from '../../storage/pointers';
import { BlobPointerSchema, changeRecord, getRecord, listKind } from '../../storage/records';
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

const Snapshots: v.GenericSchema<unknown, SnapshotRecord> = v.looseObject({
  step: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  isStarred: v.boolean(),
  blob: BlobPointerSchema,
  blocks: v.exactOptional(v.array(BlobPointerSchema)),
});
/** One record per run. */
export const SNAPSHOT_RECORDS = listKind({
  prefix: 'run-snapshots/',
  what: 'saved steps of run',
  entry: Snapshots,
});
/** interface.md 2.2 */
const BUDGET_BYTES = 2 ** 30;

export function createSnapshotArchive(
  storage: Storage,
  budgetBytes = BUDGET_BYTES,
): SnapshotArchive {
  const list = async (runId: string) => [
    ...((await getRecord(storage, SNAPSHOT_RECORDS, runId)) ?? []),
  ];
  /** If a snapshot does not fit, its blobs that were already written are deleted. */
  const putAll = async (runId: string, snapshot: Snapshot) => {
    const name = `run-snapshot/${runId}/${snapshot.step}`;
    const blocks: BlobPointer[] = [];
    try {
      for (const bytes of formatBlocks(snapshot)) {
        blocks.push(await storage.putBlob(`${name}/${blocks.length}`, bytes));
      }
      return { blob: await storage.putBlob(name, formatHead(snapshot)), blocks };
    } catch (cause) {
      for (const pointer of blocks) await storage.delete(pointer.key);
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
  const change = (
    runId: string,
    make: (records: readonly SnapshotRecord[]) => SnapshotRecord[],
    fresh: readonly BlobPointer[] = [],
  ) => changeRecord(storage, SNAPSHOT_RECORDS, runId, (records) => make(records ?? []), fresh);
  return {
    list,
    async save(runId, snapshot) {
      const { step } = snapshot;
      const blobs = await putAll(runId, snapshot);
      const choose = (records: readonly SnapshotRecord[]) => {
        const isStarred = records.find((record) => record.step === step)?.isStarred ?? false;
        const all = [
          ...records.filter((record) => record.step !== step),
          { step, isStarred, ...blobs },
        ].sort((a, b) => a.step - b.step);
        const sizes = all.map((record) => ({ ...record, byteLength: bytesOf(record) }));
        const dropped = new Set(thinSnapshots(sizes, budgetBytes));
        return all.filter((record) => !dropped.has(record.step));
      };
      await change(runId, choose, pointersOf(blobs));
    },
    load,
    async loadRows(record, latentIndex) {
      const { blocks } = record;
      if (blocks === undefined) return latentRowsOf(await load(record), latentIndex);
      const head = await headOf(record);
      const which = Math.floor(latentIndex / latentsPerBlock(head.params.d_in));
      return rowsOfBlock(head, await blockOf(record, elementAt(blocks, which)), latentIndex);
    },
    star: (runId, step, isStarred) =>
      change(runId, (records) =>
        records.map((record) => (record.step === step ? { ...record, isStarred } : record)),
      ),
    deleteAfter: (runId, step) =>
      change(runId, (records) => records.filter((record) => record.step <= step)),
    delete: (runId) => deleteRecord(storage, SNAPSHOT_RECORDS.prefix + runId),
  };
}

type Blobs = Pick<SnapshotRecord, 'blob' | 'blocks'>;

function pointersOf({ blob, blocks = [] }: Blobs): BlobPointer[] {
  return [blob, ...blocks];
}

function bytesOf(record: Blobs): number {
  return pointersOf(record).reduce((sum, { byteLength }) => sum + byteLength, 0);
}

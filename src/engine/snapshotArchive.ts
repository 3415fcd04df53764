// Keeps the snapshots of training runs, in f16 where that holds their values, thinned to a budget. A blob is
// written whole, then named in the run's list: a kill leaves at most a blob that nobody names, which the
// next save of that step overwrites.
import { FormatError } from '../core/errors';
import { f16ToF32, f32ToF16 } from '../core/float16';
import type { SaeParams } from '../core/sae';
import { thinSnapshots, type Snapshot } from '../core/snapshots';
import { formatArrayBundle, parseArrayBundle, type BundleArray } from '../formats/arrayBundle';
import type { BlobPointer, Storage } from '../storage/storage';

type SnapshotRecord = { step: number; isStarred: boolean; blob: BlobPointer };

export type SnapshotArchive = {
  /** ascending by step */
  list: (runId: string) => Promise<SnapshotRecord[]>;
  /** Replaces one of the same step; drops others where the budget is spent. Throws StorageFullError. */
  save: (runId: string, snapshot: Snapshot) => Promise<void>;
  load: (record: SnapshotRecord) => Promise<Snapshot>;
  /** A starred snapshot is never thinned away. */
  star: (runId: string, step: number, isStarred: boolean) => Promise<void>;
  /** Forgets those after `step`: a run that goes on from there writes them anew. */
  deleteAfter: (runId: string, step: number) => Promise<void>;
  delete: (runId: string) => Promise<void>;
};

const PREFIX = 'run-snapshots/';
/** interface.md 2.2 */
const BUDGET_BYTES = 2 ** 30;
const MAX_F16 = 65_504;

export function createSnapshotArchive(
  storage: Storage,
  budgetBytes = BUDGET_BYTES,
): SnapshotArchive {
  const list = async (runId: string) =>
    ((await storage.getFacts(PREFIX + runId)) as SnapshotRecord[] | undefined) ?? [];
  /** The list first, then what it no longer names. */
  const keep = async (runId: string, records: SnapshotRecord[], gone: SnapshotRecord[]) => {
    await storage.setFacts(PREFIX + runId, records);
    for (const { blob } of gone) await storage.delete(blob.key);
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
      const blob = await storage.putBlob(`run-snapshot/${runId}/${step}`, format(snapshot));
      const records = await list(runId);
      const isStarred = records.find((record) => record.step === step)?.isStarred ?? false;
      const all = [...records.filter((record) => record.step !== step), { step, isStarred, blob }];
      all.sort((a, b) => a.step - b.step);
      const sizes = all.map((record) => ({ ...record, byteLength: record.blob.byteLength }));
      const dropped = new Set(thinSnapshots(sizes, budgetBytes));
      const isDropped = (record: SnapshotRecord) => dropped.has(record.step);
      await keep(
        runId,
        all.filter((record) => !isDropped(record)),
        all.filter(isDropped),
      );
    },
    load: async (record) =>
      parse(await storage.getBlob(record.blob), `snapshot of step ${record.step}`),
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
      for (const { blob } of gone) await storage.delete(blob.key);
    },
  };
}

/** Arrays of `params` as arrays, the rest of it as facts: whatever the architecture brings is kept. */
function format({ step, params, tokensSinceFired }: Snapshot): Uint8Array<ArrayBuffer> {
  const arrays: Record<string, BundleArray> = { tokensSinceFired };
  const plain: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(params)) {
    if (value instanceof Float32Array) arrays[name] = narrowed(value);
    else plain[name] = value;
  }
  return formatArrayBundle({ facts: { step, plain }, arrays });
}

function narrowed(values: Float32Array): BundleArray {
  return values.every((value) => Math.abs(value) <= MAX_F16) ? f32ToF16(values) : values;
}

function parse(bytes: Uint8Array, what: string): Snapshot {
  const { facts, arrays } = parseArrayBundle(bytes, what);
  const { tokensSinceFired, ...rest } = arrays;
  if (!isHead(facts) || !(tokensSinceFired instanceof Uint32Array)) {
    throw new FormatError(`${what}: no snapshot of an SAE; delete this run`);
  }
  const widened = Object.entries(rest).map(([name, values]) => [
    name,
    values instanceof Uint16Array ? f16ToF32(values) : values,
  ]);
  // The blob's hash was checked: it holds what `format` wrote.
  const params = { ...facts.plain, ...Object.fromEntries(widened) } as SaeParams;
  return { step: facts.step, params, tokensSinceFired };
}

function isHead(facts: unknown): facts is { step: number; plain: object } {
  if (typeof facts !== 'object' || facts === null) return false;
  const { step, plain } = facts as Record<string, unknown>;
  return typeof step === 'number' && typeof plain === 'object' && plain !== null;
}

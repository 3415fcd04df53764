// Stores training runs: each run's description and, until it is finished, its last checkpoint.
import * as v from 'valibot';
import { MODEL_ID_RULE, type ModelIdRule } from '../../core/model/modelId';
import { StoredConfig } from '../../core/sae/storedConfig';
import type { SaeConfig } from '../../core/sae/sae';
import { FormatError } from '../../core/errors';
import { deleteRecord } from '../../storage/pointers';
import {
  BlobPointerSchema,
  changeRecord,
  getRecord,
  listRecords,
  recordKind,
} from '../../storage/records';
import {
  StorageDamageError,
  StorageFullError,
  type BlobPointer,
  type Storage,
} from '../../storage/storage';
import type { ActivationSource, TrainPoint } from './api';
import {
  formatCheckpoint,
  formatCurve,
  parseCheckpoint,
  parseCurve,
  type Checkpoint,
} from './checkpointBlob';

export type RunRecord = {
  runId: string;
  /** increases with every new run, so the newest has the highest number */
  number: number;
  modelId: string;
  /** absent in older records, whose modelId left out what config.json overrides */
  modelIdRule?: ModelIdRule;
  /** absent in older records, which used the bundled corpus */
  corpusId?: string;
  config: SaeConfig;
  /** absent in older records: the model's */
  source?: ActivationSource;
  isStopped: boolean;
  /** runs of one group were trained together; absent in older records: alone */
  groupId?: string;
  /** its position in the queue; null or absent: it has started */
  queuePlace?: number | null;
  savedStep: number;
  /** null before the first one, and once it is finished */
  checkpoint: BlobPointer | null;
  /** trained to its end, and its SAE is stored; curve: null where there was no room for it */
  finished?: { curve: BlobPointer | null };
};

const RunRecordSchema: v.GenericSchema<unknown, RunRecord> = v.looseObject({
  runId: v.string(),
  number: v.pipe(v.number(), v.safeInteger()),
  modelId: v.string(),
  modelIdRule: v.exactOptional(v.literal(MODEL_ID_RULE)),
  corpusId: v.exactOptional(v.string()),
  config: StoredConfig,
  source: v.exactOptional(v.picklist(['model', 'random'])),
  isStopped: v.boolean(),
  groupId: v.exactOptional(v.string()),
  queuePlace: v.exactOptional(v.nullable(v.number())),
  savedStep: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  checkpoint: v.nullable(BlobPointerSchema),
  finished: v.exactOptional(v.object({ curve: v.nullable(BlobPointerSchema) })),
});

const PREFIX = 'run/';
export const RUN_RECORDS = recordKind({
  prefix: PREFIX,
  what: 'training run',
  schema: RunRecordSchema,
});

/** Whether it is queued. */
export function isQueued(record: Pick<RunRecord, 'queuePlace'>): boolean {
  return (record.queuePlace ?? null) !== null;
}

/** Whether it can be started or continued. */
export function isOpenEnded(record: RunRecord): boolean {
  return record.finished === undefined && !isQueued(record);
}

export type NewRun = Omit<RunRecord, 'savedStep' | 'checkpoint' | 'finished'>;

export type RunArchive = {
  /** higher than any before, deleted runs included */
  nextNumber: () => Promise<number>;
  /** those that can be read, newest first */
  list: () => Promise<RunRecord[]>;
  get: (runId: string) => Promise<RunRecord | null>;
  /** Stores a run without a checkpoint, or updates a run's description without touching its checkpoint. */
  put: (run: NewRun) => Promise<RunRecord>;
  save: (run: NewRun, checkpoint: Checkpoint) => Promise<RunRecord>;
  /** It was trained to its end and what it made is stored: its curve takes the checkpoint's place. */
  finish: (run: NewRun, step: number, points: readonly TrainPoint[]) => Promise<RunRecord>;
  /** null before the first checkpoint. A checkpoint that cannot be read is forgotten, and StorageDamageError
   *  says that the run can be started anew. */
  load: (record: RunRecord) => Promise<Checkpoint | null>;
  /** The curve, as far as it is stored. */
  points: (record: RunRecord) => Promise<TrainPoint[]>;
  delete: (runId: string) => Promise<void>;
};

/** The last number used: numbers of deleted runs are not reused, because SAEs and snapshots refer to them. */
const COUNTER = 'run-counter';

export function createRunArchive(storage: Storage): RunArchive {
  const change = async (
    runId: string,
    fresh: readonly BlobPointer[],
    make: (older: RunRecord | null) => RunRecord,
  ) => {
    let made = null as RunRecord | null;
    await changeRecord(storage, RUN_RECORDS, runId, (older) => (made = make(older)), fresh);
    if (made === null) throw new Error(`invariant: ${runId} was written without being made`);
    return made;
  };
  /** null: no room */
  const putCurve = async (runId: string, points: readonly TrainPoint[]) => {
    try {
      return await storage.putBlob(`run-curve/${runId}`, formatCurve(points));
    } catch (cause) {
      if (cause instanceof StorageFullError) return null;
      throw cause;
    }
  };
  return {
    get: (runId) => getRecord(storage, RUN_RECORDS, runId),
    async list() {
      const records = await listRecords(storage, RUN_RECORDS);
      return records.sort((a, b) => b.number - a.number);
    },
    async nextNumber() {
      const keys = await storage.keys(PREFIX);
      // By name: a record that cannot be read has its number, too.
      const used = keys.map((key) => Number(/^run\/run-(\d{1,15})$/.exec(key)?.[1] ?? 0));
      let number = 0;
      await storage.updateFacts(COUNTER, (last) => {
        number = 1 + Math.max(Number.isSafeInteger(last) ? (last as number) : 0, ...used);
        return number;
      });
      return number;
    },
    put: (run) =>
      change(run.runId, [], (older) => {
        const { savedStep, checkpoint } = older ?? { savedStep: 0, checkpoint: null };
        return { ...run, savedStep, checkpoint };
      }),
    async save(run, checkpoint) {
      const savedStep = checkpoint.state.step;
      const name = `run-checkpoint/${run.runId}/${savedStep}`;
      const pointer = await storage.putBlob(name, formatCheckpoint(checkpoint));
      return change(run.runId, [pointer], () => ({ ...run, savedStep, checkpoint: pointer }));
    },
    async finish(run, step, points) {
      const curve = await putCurve(run.runId, points);
      const record = { ...run, savedStep: step, checkpoint: null, finished: { curve } };
      return change(run.runId, curve === null ? [] : [curve], () => record);
    },
    async load(record) {
      const { checkpoint, runId } = record;
      if (checkpoint === null) return null;
      try {
        return parseCheckpoint(await storage.getBlob(checkpoint), record);
      } catch (cause) {
        if (!isDamage(cause)) throw cause;
        await change(runId, [], (now) => ({ ...(now ?? record), savedStep: 0, checkpoint: null }));
        throw new StorageDamageError(
          `The checkpoint of ${runId} cannot be read (${cause.message}), so it cannot go on from step ${record.savedStep}.`,
          'Its settings are kept: press Start to train it again from the beginning.',
          { cause },
        );
      }
    },
    async points(record) {
      const { checkpoint, finished, runId } = record;
      const curve = finished?.curve ?? null;
      try {
        if (checkpoint !== null) {
          return parseCheckpoint(await storage.getBlob(checkpoint), record).points;
        }
        return curve === null ? [] : parseCurve(await storage.getBlob(curve), runId);
      } catch (cause) {
        // A curve is only for looking back.
        if (isDamage(cause)) return [];
        throw cause;
      }
    },
    delete: (runId) => deleteRecord(storage, PREFIX + runId),
  };
}

function isDamage(cause: unknown): cause is StorageDamageError | FormatError {
  return cause instanceof StorageDamageError || cause instanceof FormatError;
}

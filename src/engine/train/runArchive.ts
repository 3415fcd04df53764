// Stores training runs: each run's description and its last checkpoint.
import { FormatError } from '../../core/errors';
import { stateShape } from '../../core/sae/architecture';
import { upgradeSaeConfig, type Calibration, type SaeConfig } from '../../core/sae/sae';
import type { TrainerState } from '../../core/train/trainerState';
import {
  formatArrayBundle,
  parseArrayBundle,
  type BundleArray,
} from '../../formats/archives/arrayBundle';
import { deleteRecord, repoint } from '../../storage/pointers';
import type { BlobPointer, Storage } from '../../storage/storage';
import type { ActivationSource, TrainPoint } from './api';

export type RunRecord = {
  runId: string;
  /** increases with every new run, so the newest has the highest number */
  number: number;
  modelId: string;
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
  /** null until the first one */
  checkpoint: BlobPointer | null;
};

/** Whether it is queued. */
export function isQueued(record: Pick<RunRecord, 'queuePlace'>): boolean {
  return (record.queuePlace ?? null) !== null;
}

export type NewRun = Omit<RunRecord, 'savedStep' | 'checkpoint'>;

export type Checkpoint = { calibration: Calibration; state: TrainerState; points: TrainPoint[] };

export type RunArchive = {
  /** higher than any before, deleted runs included */
  nextNumber: () => Promise<number>;
  list: () => Promise<RunRecord[]>;
  get: (runId: string) => Promise<RunRecord | null>;
  /** Stores a run without a checkpoint, or updates a run's description without touching its checkpoint. */
  put: (run: NewRun) => Promise<RunRecord>;
  save: (run: NewRun, checkpoint: Checkpoint) => Promise<RunRecord>;
  /** null before the first checkpoint */
  load: (record: RunRecord) => Promise<Checkpoint | null>;
  delete: (runId: string) => Promise<void>;
};

const PREFIX = 'run/';
/** The last number used: numbers of deleted runs are not reused, because SAEs and snapshots refer to them. */
const COUNTER = 'run-counter';

export function createRunArchive(storage: Storage): RunArchive {
  const get = async (runId: string): Promise<RunRecord | null> => {
    const record = (await storage.getFacts(PREFIX + runId)) as RunRecord | undefined;
    return record === undefined ? null : { ...record, config: upgradeSaeConfig(record.config) };
  };
  const list = async () => {
    const keys = await storage.keys(PREFIX);
    const records = await Promise.all(keys.map((key) => get(key.slice(PREFIX.length))));
    return records.filter((record) => record !== null).sort((a, b) => b.number - a.number);
  };
  const change = async (runId: string, make: (older: RunRecord | null) => RunRecord) => {
    let made: RunRecord | null = null;
    await repoint(storage, PREFIX + runId, (older) => {
      made = make((older as RunRecord | undefined) ?? null);
      return made;
    });
    if (made === null) throw new Error(`invariant: ${runId} was written without being made`);
    return made as RunRecord;
  };
  return {
    get,
    list,
    async nextNumber() {
      const last = (await storage.getFacts(COUNTER)) as number | undefined;
      const number = 1 + Math.max(last ?? 0, ...(await list()).map((record) => record.number));
      await storage.setFacts(COUNTER, number);
      return number;
    },
    put: (run) =>
      change(run.runId, (older) => {
        const { savedStep, checkpoint } = older ?? { savedStep: 0, checkpoint: null };
        return { ...run, savedStep, checkpoint };
      }),
    async save(run, checkpoint) {
      const savedStep = checkpoint.state.step;
      const name = `run-checkpoint/${run.runId}/${savedStep}`;
      const pointer = await storage.putBlob(name, formatCheckpoint(checkpoint));
      return change(run.runId, () => ({ ...run, savedStep, checkpoint: pointer }));
    },
    async load(record) {
      const { checkpoint } = record;
      return checkpoint === null
        ? null
        : parseCheckpoint(await storage.getBlob(checkpoint), record);
    },
    delete: (runId) => deleteRecord(storage, PREFIX + runId),
  };
}

const POINT_FIELDS = [
  'step',
  'tokens',
  'loss',
  'l0',
  'explainedVariance',
  'deadFraction',
  'auxLoss',
] as const satisfies readonly (keyof TrainPoint)[];

const MOMENT_OWNERS = ['W_enc', 'W_dec', 'b_enc', 'b_dec'] as const;

function formatCheckpoint({ calibration, state, points }: Checkpoint): Uint8Array<ArrayBuffer> {
  const { mean, ...measured } = calibration;
  const arrays: Record<string, BundleArray> = {
    mean,
    W_enc: state.W_enc,
    W_dec: state.W_dec,
    b_enc: state.b_enc,
    b_dec: state.b_dec,
    tokensSinceFired: state.tokensSinceFired,
    running: state.running,
    points: Float64Array.from(points.flatMap((point) => POINT_FIELDS.map((field) => point[field]))),
  };
  for (const owner of MOMENT_OWNERS) {
    arrays[`adam.${owner}.m`] = state.adam[owner].m;
    arrays[`adam.${owner}.v`] = state.adam[owner].v;
  }
  for (const [name, vector] of Object.entries(state.extra)) {
    arrays[`extra.${name}`] = vector.values;
    arrays[`extra.${name}.m`] = vector.m;
    arrays[`extra.${name}.v`] = vector.v;
  }
  for (const [name, average] of Object.entries(state.averages)) arrays[`average.${name}`] = average;
  return formatArrayBundle({ facts: { step: state.step, ...measured }, arrays });
}

function parseCheckpoint(bytes: Uint8Array, record: RunRecord): Checkpoint {
  const what = `checkpoint of ${record.runId}`;
  const { facts, arrays } = parseArrayBundle(bytes, what);
  const { d_in, d_sae } = record.config;
  const number = (name: string): number => {
    const value = (facts as Record<string, unknown> | null)?.[name];
    if (typeof value !== 'number') throw new FormatError(`${what}: no ${name}; delete this run`);
    return value;
  };
  const take = <T extends BundleArray>(
    name: string,
    type: abstract new (...args: never[]) => T,
    length: number,
  ): T => {
    const array = arrays[name];
    if (!(array instanceof type) || array.length !== length) {
      throw new FormatError(
        `${what}: ${name} has ${array?.length ?? 0} values, not ${length}; delete this run`,
      );
    }
    return array;
  };
  const shapes = { W_enc: d_in * d_sae, W_dec: d_in * d_sae, b_enc: d_sae, b_dec: d_in };
  const parameter = (name: keyof typeof shapes) => take(name, Float32Array, shapes[name]);
  const moments = (name: keyof typeof shapes) => ({
    m: take(`adam.${name}.m`, Float32Array, shapes[name]),
    v: take(`adam.${name}.v`, Float32Array, shapes[name]),
  });
  const own = stateShape(record.config.architecture);
  const extra: TrainerState['extra'] = {};
  for (const name of own.extra) {
    extra[name] = {
      values: take(`extra.${name}`, Float32Array, d_sae),
      m: take(`extra.${name}.m`, Float32Array, d_sae),
      v: take(`extra.${name}.v`, Float32Array, d_sae),
    };
  }
  const averages: TrainerState['averages'] = {};
  if (record.config.emaDecay > 0) {
    for (const name of MOMENT_OWNERS) {
      averages[name] = take(`average.${name}`, Float32Array, shapes[name]);
    }
    for (const name of own.extra) averages[name] = take(`average.${name}`, Float32Array, d_sae);
  }
  return {
    calibration: {
      tokens: number('tokens'),
      inputScale: number('inputScale'),
      variance: number('variance'),
      mean: take('mean', Float32Array, d_in),
    },
    state: {
      step: number('step'),
      W_enc: parameter('W_enc'),
      W_dec: parameter('W_dec'),
      b_enc: parameter('b_enc'),
      b_dec: parameter('b_dec'),
      adam: {
        W_enc: moments('W_enc'),
        W_dec: moments('W_dec'),
        b_enc: moments('b_enc'),
        b_dec: moments('b_dec'),
      },
      tokensSinceFired: take('tokensSinceFired', Uint32Array, d_sae),
      extra,
      averages,
      // Only stored since architectures can be chosen; older records do not have it.
      running:
        arrays['running'] === undefined && own.running === 0
          ? new Float32Array(0)
          : take('running', Float32Array, own.running),
    },
    points: parsePoints(arrays['points']),
  };
}

function parsePoints(flat: BundleArray | undefined): TrainPoint[] {
  const points: TrainPoint[] = [];
  for (let at = 0; flat !== undefined && at < flat.length; at += POINT_FIELDS.length) {
    const value = (field: (typeof POINT_FIELDS)[number]) =>
      flat[at + POINT_FIELDS.indexOf(field)] ?? 0;
    points.push({
      step: value('step'),
      tokens: value('tokens'),
      loss: value('loss'),
      l0: value('l0'),
      explainedVariance: value('explainedVariance'),
      deadFraction: value('deadFraction'),
      auxLoss: value('auxLoss'),
    });
  }
  return points;
}

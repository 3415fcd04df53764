// What every slice of the engine's interface speaks of: the device, files handed over, problems, progress.
// Types only, all of them plain data that structured clone can carry.

import type { SaeBackendName } from '../../core/train/saeBackend';

export type ModelBackend = 'webgpu' | 'wasm';

export type DeviceFacts = {
  /** null if there is a WebGPU device; otherwise the reason, as a sentence with the way out */
  problem: string | null;
  adapter: string | null;
  isSoftware: boolean;
  modelBackend: ModelBackend;
  /** why that backend was chosen, as a sentence */
  backendReason: string;
  saeBackend: SaeBackendName;
  /** why that one was chosen, as a sentence */
  saeBackendReason: string;
};

/** Errors cross the worker as data. `what` is a sentence, `wayOut` the next thing to do. */
export type Problem = {
  kind:
    | 'file'
    | 'network'
    | 'config'
    | 'device-lost'
    | 'no-device'
    | 'storage-full'
    | 'not-finite'
    /** the user cancelled it: nothing to show */
    | 'cancelled'
    | 'bug';
  what: string;
  wayOut: string;
  /** form field the problem belongs to, if any */
  field: string | null;
};

export type Outcome<T> = { ok: true; value: T } | { ok: false; problem: Problem };

export type ModelFile = { path: string; blob: Blob };

/** Chosen by whoever asks for the work, above 0 and unlike those of other work that goes on; the
 *  engine's own are below. */
export type JobId = number;

export type JobKind =
  | 'model'
  | 'runtime'
  | 'check'
  | 'loss'
  | 'corpus'
  | 'evaluation'
  | 'fit'
  | 'speed'
  | 'generation'
  | 'dose'
  | 'statistics'
  | 'labels'
  | 'text'
  | 'map'
  | 'clusters'
  | 'births'
  | 'circuit'
  | 'following'
  | 'comparison'
  | 'export'
  | 'reproduction'
  | 'source'
  | 'publishing';

export type Progress = {
  kind: JobKind;
  phase: string;
  done: number;
  total: number | null;
  unit: 'bytes' | 'tokens' | 'rows' | 'tensors' | 'steps' | 'documents' | 'features' | 'examples';
};

/** What is stored and cannot be read, as far as it has a name. */
export type UnreadableRecord = {
  key: string;
  /** one of its kind: "training run" */
  what: string;
  name: string;
  /** what is wrong with it, as part of a sentence */
  reason: string;
};

export type RecordsApi = {
  /** Zip of the record as JSON and of the blobs that it names, nothing of it read. */
  exportRaw: (key: string) => Promise<Outcome<Blob>>;
  /** Deletes what cannot be read of it, and what only that names. */
  delete: (key: string) => Promise<Outcome<null>>;
};

export type SharedEvent =
  /** null: the job has ended */
  | { kind: 'progress'; jobId: JobId; progress: Progress | null }
  | { kind: 'device'; device: DeviceFacts }
  /** another tab of this browser changed runs or presets in storage, or it, or files that were opened, the notes or guesses of these SAEs */
  | { kind: 'elsewhere'; hasRuns: boolean; hasPresets: boolean; notesOf: string[] }
  /** good to know, as a sentence */
  | { kind: 'notice'; text: string }
  | { kind: 'unreadable'; records: UnreadableRecord[] }
  | { kind: 'problem'; problem: Problem };

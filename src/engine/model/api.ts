// The open model, where models come from and what is kept of them. Types only.
import type { HookPoint } from '../../core/activations/hookPoint';
import type { ModelNeeds } from '../../core/model/modelNeeds';
import type { RevisionName } from '../../core/model/nanochat';
import type { WeightPrecision } from '../../core/model/weightPrecision';
import type { JobId, ModelBackend, ModelFile, Outcome } from '../shared/api';
import type { CorpusName } from '../text/api';

export type ModelSource =
  | { kind: 'demo' }
  /** folder and step choose one of several models (`inspect`); without them the latest opens */
  | { kind: 'files'; files: ModelFile[]; folder?: string; step?: number | null }
  /** downloads first, or goes on downloading; `listRemote` shows what there is */
  | { kind: 'url'; url: string; folder: string; step: number | null }
  /** an earlier import, KeptModel.id */
  | { kind: 'kept'; id: string };

/** One of the models of a drop or an address; folder and step name it. */
export type ModelChoice = {
  form: 'nanochat' | 'transformers';
  folder: string;
  /** null: transformers keeps none */
  step: number | null;
  /** nanochat's name of the run: the last part of the folder */
  tag: string;
  stage: 'base' | 'mid' | 'sft' | 'rl' | null;
  /** of its weights; null where the server does not tell */
  byteLength: number | null;
  /** validation bits per byte; null where it was not read */
  valBpb: number | null;
};

export type RemoteModel = ModelChoice & {
  files: { path: string; size: number | null }[];
  /** of them all; null where a size is unknown */
  totalBytes: number | null;
  /** a sentence: what it lacks, so that it cannot be opened */
  problem: string | null;
};

export type RemoteFacts = { url: string; host: string; models: RemoteModel[] };

/** A download kept in this browser, whole or not. */
export type DownloadFacts = {
  id: string;
  url: string;
  host: string;
  tag: string;
  folder: string;
  step: number | null;
  doneBytes: number;
  totalBytes: number | null;
  isWhole: boolean;
};

/** An import that this browser kept. */
export type KeptModel = {
  /** ModelFacts.id */
  id: string;
  name: string;
  isDemo: boolean;
  /** in storage */
  byteLength: number;
  /** ISO 8601 */
  savedAt: string;
};

/** What the model that is being opened needs in each precision, known before a weight is read. */
export type PrecisionNeeds = ModelNeeds & {
  /** why not on this machine, as a sentence; null where it fits */
  refusal: string | null;
};

/** Validation loss of the model as it runs and as it would run with f32 weights. */
export type PrecisionLoss = {
  modelId: string;
  precision: WeightPrecision;
  /** mean −ln p of held-out tokens, nats */
  nats: number;
  /** the same tokens in f32; null where f32 does not fit this machine */
  exactNats: number | null;
  tokens: number;
  corpus: string;
};

export type ModelFacts = {
  /** name~id12 */
  id: string;
  name: string;
  isDemo: boolean;
  revision: RevisionName;
  revisionSince: string;
  step: number | null;
  valBpb: number | null;
  /** whether it was trained to chat, and what tells so, as a sentence */
  stage: { isChat: boolean; why: string };
  parameterCount: number;
  byteLength: number;
  n_layer: number;
  n_embd: number;
  n_head: number;
  n_kv_head: number;
  vocab_size: number;
  sequence_len: number;
  window_pattern: string;
  hookPoints: HookPoint[];
  backend: ModelBackend;
  /** how its weights are kept where it runs */
  precision: WeightPrecision;
  /** why, as a sentence */
  precisionReason: string;
};

export type TokenView = {
  tokenId: number;
  /** printable text; bytes that are no whole character as ⟨E2 80⟩ */
  text: string;
  isSpecial: boolean;
};

/** What the open model predicts of the held-out part of the open text. */
export type ImportCheck = {
  modelId: string;
  /** mean nats per counted token */
  loss: number;
  /** counted targets: those that are no special token */
  tokens: number;
  /** UTF-8 bytes of those targets */
  bytes: number;
  /** Σ nats / (ln 2 · bytes), as nanochat's val_bpb; null without bytes */
  bitsPerByte: number | null;
  /** tokens of context that a prediction has at most */
  contextSize: number;
  corpus: CorpusName;
  /** whether that is the text nanochat itself validates on, by its name */
  isNanochatText: boolean;
};

export type ModelEvent =
  | { kind: 'model'; model: ModelFacts | null }
  | { kind: 'needs'; needs: PrecisionNeeds[] }
  /** note: why the last import was not kept, as a sentence */
  | { kind: 'keptModels'; models: KeptModel[]; note: string | null }
  | { kind: 'downloads'; downloads: DownloadFacts[] };

export type ModelApi = {
  /** Cancelled, it leaves the model open that was; what was downloaded is kept. */
  open: (source: ModelSource, jobId?: JobId) => Promise<Outcome<ModelFacts>>;
  /** What a drop holds, latest first. Reads meta files only. */
  inspect: (files: ModelFile[]) => Promise<Outcome<ModelChoice[]>>;
  /** What a folder's address or a Hugging Face repository holds, with sizes. Fetches listings only. */
  listRemote: (url: string, jobId?: JobId) => Promise<Outcome<RemoteFacts>>;
  /** Deletes what was downloaded. */
  deleteDownload: (id: string) => Promise<void>;
  /** Where the model runs; null chooses by the device. Restarts the open model there. */
  setBackend: (backend: ModelBackend | null) => Promise<Outcome<null>>;
  /** How weights are kept; null chooses by the machine. Restarts the open model; refused, with the reason
   *  and what fits, where the machine cannot. */
  setPrecision: (precision: WeightPrecision | null) => Promise<Outcome<null>>;
  /** On held-out tokens of the open corpus, as it runs and in f32. */
  measurePrecisionLoss: (tokens: number, jobId?: JobId) => Promise<Outcome<PrecisionLoss>>;
  deleteKept: (id: string) => Promise<Outcome<null>>;
  tokenize: (text: string) => Promise<TokenView[]>;
  /** Measures the open model on held-out text; progress as events. */
  checkImport: (tokens: number, jobId?: JobId) => Promise<Outcome<ImportCheck>>;
};

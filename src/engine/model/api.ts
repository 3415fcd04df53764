// The open model, where models come from and what is kept of them. Types only.
import type { HookPoint } from '../../core/activations/hookPoint';
import type { RowFacts } from '../../core/activations/rowFacts';
import type { ModelNeeds } from '../../core/model/modelNeeds';
import type { RevisionName } from '../../core/model/nanochat';
import type { WeightPrecision } from '../../core/model/weightPrecision';
import type { JobId, ModelBackend, ModelFile, Outcome } from '../shared/api';
import type { CorpusName } from '../text/api';

export type ModelSource =
  | { kind: 'demo' }
  /** folder and step choose one of several models (`inspect`); without them the latest opens */
  | { kind: 'files'; files: ModelFile[]; folder?: string; step?: number | null }
  /** downloads first, or resumes a download; `listRemote` shows what there is */
  | { kind: 'url'; url: string; folder: string; step: number | null }
  /** an earlier import, KeptModel.id */
  | { kind: 'kept'; id: string }
  /** rows that another tool computed, in a model's place: .npy or .safetensors [rows, width], rows.jsonl, pictures
   *  and recordings, loose or in a zip. tensor: which matrix, where there are several (`rowMatrices`) */
  | { kind: 'rows'; files: ModelFile[]; tensor?: string };

/** A matrix of a file, [rows, width]. */
export type RowMatrix = { tensor: string; rows: number; width: number };

/** Rows of a file that stand in the place of a model. */
export type RowsFacts = {
  file: string;
  count: number;
  width: number;
  /** of them, those that rows.jsonl describes */
  described: number;
  /** pictures and recordings that were found, and how many the list names beside them */
  media: number;
  missing: number;
};

/** What a row stands for; media: the file of its `ref`. */
export type RowView = { facts: RowFacts; media: Blob | null };

/** One of the models of a drop or an address; folder and step name it. */
export type ModelChoice = {
  form: 'nanochat' | 'transformers';
  folder: string;
  /** null: transformers does not record it */
  step: number | null;
  /** nanochat's name of the run: the last part of the folder */
  tag: string;
  stage: 'base' | 'mid' | 'sft' | 'rl' | null;
  /** of its weights; null if the server does not report it */
  byteLength: number | null;
  /** validation bits per byte; null if it was not read */
  valBpb: number | null;
};

export type RemoteModel = ModelChoice & {
  files: { path: string; size: number | null }[];
  /** in total; null if a size is unknown */
  totalBytes: number | null;
  /** why it cannot be opened, as a sentence */
  problem: string | null;
};

export type RemoteFacts = { url: string; host: string; models: RemoteModel[] };

/** A download kept in this browser, complete or not. */
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

/** An import kept in this browser. */
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

/** What the model that is being opened needs in each precision, known before any weight is read. */
export type PrecisionNeeds = ModelNeeds & {
  /** why it does not fit this machine, as a sentence; null if it fits */
  refusal: string | null;
};

/** Validation loss of the model as it runs and as it would run with f32 weights. */
export type PrecisionLoss = {
  modelId: string;
  precision: WeightPrecision;
  /** mean −ln p of held-out tokens, nats */
  nats: number;
  /** the same tokens in f32; null if f32 does not fit this machine */
  exactNats: number | null;
  tokens: number;
  corpus: string;
};

export type ModelFacts = {
  /** the rows that stand in a model's place: nothing here predicts. Absent: a model */
  rows?: RowsFacts;
  /** name~hash over its files and all that changes what it computes */
  id: string;
  /** by the rule of versions that left out what config.json overrides; equal to id where nothing does */
  formerId: string;
  /** KeptModel.id of its copy in this browser, whether there is one or not */
  keptId: string;
  name: string;
  isDemo: boolean;
  /** null, both: rows of a file */
  revision: RevisionName | null;
  revisionSince: string | null;
  step: number | null;
  valBpb: number | null;
  /** whether it was trained to chat, with the evidence as a sentence */
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
  /** logits are cap · tanh(logits / cap) */
  logitSoftcap: number;
  /** caps it may have been trained with, if its files do not tell; otherwise none */
  possibleSoftcaps: number[];
  hookPoints: HookPoint[];
  backend: ModelBackend;
  /** the precision of its weights where it runs */
  precision: WeightPrecision;
  /** why, as a sentence */
  precisionReason: string;
};

export type TokenView = {
  tokenId: number;
  /** printable text; bytes that do not form a whole character as ⟨E2 80⟩ */
  text: string;
  isSpecial: boolean;
};

/** How well the open model predicts the held-out part of the open text. */
export type ImportCheck = {
  modelId: string;
  /** mean nats per counted token */
  loss: number;
  /** counted targets: those that are not special tokens */
  tokens: number;
  /** UTF-8 bytes of those targets */
  bytes: number;
  /** Σ nats / (ln 2 · bytes), as nanochat's val_bpb; null without bytes */
  bitsPerByte: number | null;
  /** most tokens of context for a prediction */
  contextSize: number;
  corpus: CorpusName;
  /** whether, by its name, this is the text that nanochat itself validates on */
  isNanochatText: boolean;
};

export type ModelEvent =
  | { kind: 'model'; model: ModelFacts | null }
  | { kind: 'needs'; needs: PrecisionNeeds[] }
  /** note: why the last import was not stored, as a sentence */
  | { kind: 'keptModels'; models: KeptModel[]; note: string | null }
  | { kind: 'downloads'; downloads: DownloadFacts[] };

export type ModelApi = {
  /** Cancelled, it leaves the model open that was; what was downloaded is kept. */
  open: (source: ModelSource, jobId?: JobId) => Promise<Outcome<ModelFacts>>;
  /** Whether a drop of safetensors or a zip means rows, not an SAE. Reads names and headers only. */
  holdsRows: (files: ModelFile[]) => Promise<boolean>;
  /** The matrices of the file with rows, by name; none of a .npy. Reads the header only. */
  rowMatrices: (files: ModelFile[]) => Promise<RowMatrix[]>;
  /** What rows of the open file stand for, in the order asked for; none where no rows are open. */
  rows: (rows: readonly number[]) => Promise<RowView[]>;
  /** What a drop holds, latest first. Reads meta files only. */
  inspect: (files: ModelFile[]) => Promise<Outcome<ModelChoice[]>>;
  /** What a folder's address or a Hugging Face repository holds, with sizes. Fetches listings only. */
  listRemote: (url: string, jobId?: JobId) => Promise<Outcome<RemoteFacts>>;
  /** Deletes the downloaded files. */
  deleteDownload: (id: string) => Promise<void>;
  /** Where the model runs; null chooses by the device. Restarts the open model there. */
  setBackend: (backend: ModelBackend | null) => Promise<Outcome<null>>;
  /** Which of ModelFacts.possibleSoftcaps the open model was trained with; remembered for it. It is then another
   *  model, with an id of its own. */
  setSoftcap: (logitSoftcap: number) => Promise<Outcome<null>>;
  /** Precision of weights; null chooses by the machine. Restarts the open model; refused, with the reason
   *  and what fits, if the machine cannot run it. */
  setPrecision: (precision: WeightPrecision | null) => Promise<Outcome<null>>;
  /** On held-out tokens of the open corpus, as it runs and in f32. */
  measurePrecisionLoss: (tokens: number, jobId?: JobId) => Promise<Outcome<PrecisionLoss>>;
  deleteKept: (id: string) => Promise<Outcome<null>>;
  tokenize: (text: string) => Promise<TokenView[]>;
  /** Measures the open model on held-out text; progress as events. */
  checkImport: (tokens: number, jobId?: JobId) => Promise<Outcome<ImportCheck>>;
};

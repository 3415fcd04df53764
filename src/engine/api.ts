// What the page may ask of the engine and what it is told: types only, all of them plain data that
// structured clone can carry. No tensor of the model ever crosses; the widest thing is one dashboard.
import type { ArchitectureInput, SaeArchitecture } from '../core/architecture';
import type { HookPoint } from '../core/hookPoint';
import type { RevisionName } from '../core/nanochat';
import type { SaeConfig } from '../core/sae';

// ---- device ---------------------------------------------------------------------------------

export type ModelBackend = 'webgpu' | 'wasm';

export type DeviceFacts = {
  /** null when the SAE kernels have a device; otherwise why not, as a sentence with the way out */
  problem: string | null;
  adapter: string | null;
  isSoftware: boolean;
  modelBackend: ModelBackend;
  /** why that backend was chosen, as a sentence */
  backendReason: string;
};

// ---- errors ---------------------------------------------------------------------------------

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
    /** the user ended it: nothing to show */
    | 'cancelled'
    | 'bug';
  what: string;
  wayOut: string;
  /** form field the problem belongs to, if any */
  field: string | null;
};

export type Outcome<T> = { ok: true; value: T } | { ok: false; problem: Problem };

// ---- model ----------------------------------------------------------------------------------

export type ModelFile = { path: string; blob: Blob };
export type ModelSource = { kind: 'demo' } | { kind: 'files'; files: ModelFile[] };

export type ModelFacts = {
  /** name~id12 */
  id: string;
  name: string;
  isDemo: boolean;
  revision: RevisionName;
  revisionSince: string;
  step: number | null;
  valBpb: number | null;
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
};

export type TokenView = {
  tokenId: number;
  /** printable text; bytes that are no whole character as ⟨E2 80⟩ */
  text: string;
  isSpecial: boolean;
};

// ---- generation and steering ----------------------------------------------------------------

export type SteerSlot = {
  saeId: string;
  latentIndex: number;
  /** multiple of the latent's maximum activation; 0 is neutral */
  strength: number;
};

export type GenerationRequest = {
  prompt: string;
  maxTokens: number;
  temperature: number;
  topK: number;
  seed: number;
  /** absent: one lane without any edit */
  steer: SteerSlot | null;
};

export type GeneratedToken = TokenView & {
  /** natural log of the token's probability before temperature */
  logProb: number;
  /** strength in force when this token was chosen (steered lane) */
  strength: number;
};

// ---- corpus -----------------------------------------------------------------------------------

/** The text that SAEs are trained and measured on. Pasted text and files live in this tab only. */
export type CorpusSource =
  | { kind: 'demo' }
  | { kind: 'paste'; text: string }
  /** field: key of .jsonl objects and column of .parquet tables; default "text" */
  | { kind: 'files'; files: ModelFile[]; field?: string };

export type CorpusFacts = {
  /** name~id12, the hash over its documents */
  id: string;
  name: string;
  isDemo: boolean;
  documents: number;
  /** UTF-16 code units */
  characters: number;
  /** with the open model's tokenizer, one BOS a document; null until it was counted */
  tokens: number | null;
  /** how the first document begins */
  sample: string;
  /** sentences: what was left out and why */
  notes: string[];
};

// ---- training -------------------------------------------------------------------------------

/** Fields of the recipe that a form may set; one that the architecture has not is refused. */
export type AdvancedFields = Omit<ArchitectureInput, 'architecture' | 'k'> &
  Partial<Pick<SaeConfig, 'lr'>>;

export type TrainForm = {
  hookPoint: HookPoint;
  /** absent: topk */
  architecture?: SaeArchitecture;
  /** absent, or without a field: the recipe's defaults */
  advanced?: AdvancedFields;
  expansionFactor: number;
  /** latents per token, where the architecture chooses a number */
  k: number;
  tokens: number;
  batchSize: number;
  seed: number;
};

export type TrainPoint = {
  step: number;
  tokens: number;
  /** mse / V + AuxK term */
  loss: number;
  l0: number;
  /** 1 − mse / V on this batch */
  explainedVariance: number;
  deadFraction: number;
  auxLoss: number;
};

export type RunPhase =
  | { kind: 'preparing'; what: string; done: number; total: number }
  | { kind: 'training' }
  | { kind: 'paused' }
  | { kind: 'done' }
  | { kind: 'stopped' }
  | { kind: 'failed'; problem: Problem };

export type RunFacts = {
  runId: string;
  modelId: string;
  /** CorpusFacts.id */
  corpusId: string;
  config: SaeConfig;
  phase: RunPhase;
  step: number;
  totalSteps: number;
  tokensPerSecond: number | null;
  etaSeconds: number | null;
  /** step of the last checkpoint in storage; null before the first */
  savedStep: number | null;
};

// ---- SAEs and statistics --------------------------------------------------------------------

export type SaeFacts = {
  saeId: string;
  name: string;
  modelId: string | null;
  hookPoint: HookPoint;
  d_in: number;
  d_sae: number;
  /** how it was trained; of an imported one, how it selects unless its files say more */
  architecture: SaeArchitecture;
  /** latents kept per token, of the TopK family; null where it has none or it is not known */
  k: number | null;
  /** sequence length it was trained on */
  contextSize: number;
  origin: 'demo' | 'trained' | 'imported';
  tokens: number | null;
  explainedVariance: number | null;
  /** mean active latents per held-out token, measured */
  l0: number | null;
  deadFraction: number | null;
  /** tokens in the statistics; 0 when none were computed */
  statisticsTokens: number;
  /** the text it was trained on; absent: the bundled corpus, or unknown for imported ones */
  trainingCorpus?: CorpusName;
  /** the text of the statistics; absent: the bundled corpus */
  statisticsCorpus?: CorpusName;
};

export type CorpusName = Pick<CorpusFacts, 'name' | 'isDemo'>;

/** One row of the latent table. NaN-free: a dead latent has maxAct 0 and no fires. */
export type LatentRow = {
  latentIndex: number;
  /** firing / counted tokens */
  density: number;
  fireCount: number;
  maxAct: number;
  /** mean activation given firing */
  meanAct: number;
  /** best direct-path token, null without logits */
  topToken: string | null;
};

export type ExampleToken = { text: string; act: number; isSpecial: boolean };
export type Example = {
  tokens: ExampleToken[];
  /** index in `tokens` of the token that made this example one */
  peak: number;
  act: number;
  /** the same window seen this many times */
  repeats: number;
};
export type LogitToken = { text: string; tokenId: number; value: number };
type HistogramBins = { binWidth: number; counts: number[] };

export type LatentDashboard = {
  row: LatentRow;
  tokensSeen: number;
  histogram: HistogramBins;
  topExamples: Example[];
  /** direct path only: g_L · W_U · d̂ */
  topLogits: LogitToken[];
  bottomLogits: LogitToken[];
};

// ---- events ---------------------------------------------------------------------------------

export type Progress = {
  job: 'model' | 'corpus' | 'statistics' | 'runtime';
  phase: string;
  done: number;
  total: number | null;
  unit: 'bytes' | 'tokens' | 'tensors' | 'steps' | 'documents' | 'features';
};

export type EngineEvent =
  | { kind: 'progress'; progress: Progress | null; job: Progress['job'] }
  | { kind: 'device'; device: DeviceFacts }
  | { kind: 'model'; model: ModelFacts | null }
  | { kind: 'corpus'; corpus: CorpusFacts }
  | { kind: 'prompt'; generationId: number; tokens: TokenView[] }
  | {
      kind: 'token';
      generationId: number;
      lane: 'baseline' | 'steered';
      token: GeneratedToken;
    }
  | {
      kind: 'generated';
      generationId: number;
      reason: 'length' | 'stop' | 'end' | 'context' | 'failed';
    }
  | { kind: 'run'; run: RunFacts }
  | { kind: 'points'; runId: string; points: TrainPoint[] }
  | { kind: 'saes'; saes: SaeFacts[] }
  | { kind: 'problem'; problem: Problem };

// ---- commands -------------------------------------------------------------------------------

export type EngineApi = {
  /** Called once; events come in batches, at most ten a second. */
  subscribe: (listener: (events: EngineEvent[]) => void) => Promise<void>;

  openModel: (source: ModelSource) => Promise<Outcome<ModelFacts>>;
  /** Where the model runs; null chooses by the device. Restarts the open model there. */
  setModelBackend: (backend: ModelBackend | null) => Promise<Outcome<null>>;
  tokenize: (text: string) => Promise<TokenView[]>;

  /** Replaces the corpus; a failure leaves the one that was open. Refused while a run is open. */
  openCorpus: (source: CorpusSource) => Promise<Outcome<CorpusFacts>>;

  /** Resolves when the text ends; tokens arrive as events. */
  generate: (generationId: number, request: GenerationRequest) => Promise<Outcome<null>>;
  stopGeneration: () => Promise<void>;
  /** Read once per token: acts on the next one. */
  setStrength: (strength: number) => Promise<void>;

  /** The run's facts as its form would make them, or the field that forbids it; starts nothing. */
  checkTraining: (form: TrainForm) => Promise<Outcome<SaeConfig>>;
  startTraining: (form: TrainForm) => Promise<Outcome<RunFacts>>;
  pauseTraining: () => Promise<void>;
  /** Goes on with a paused run, in this tab or from its last checkpoint. */
  resumeTraining: (runId: string) => Promise<Outcome<RunFacts>>;
  /** Asks for a checkpoint at the next step (the page is being hidden). */
  saveSoon: () => Promise<void>;
  /** Ends the run and keeps what it has as an SAE. */
  stopTraining: () => Promise<void>;
  /** Runs with a checkpoint in storage, newest first. */
  listRuns: () => Promise<RunFacts[]>;
  runPoints: (runId: string) => Promise<TrainPoint[]>;
  deleteRun: (runId: string) => Promise<void>;

  listSaes: () => Promise<SaeFacts[]>;
  /** One pass over the corpus; progress and previews as events. */
  computeStatistics: (saeId: string, tokens: number) => Promise<Outcome<SaeFacts>>;
  cancelStatistics: () => Promise<void>;
  latentRows: (saeId: string) => Promise<Outcome<LatentRow[]>>;
  latentDashboard: (saeId: string, latentIndex: number) => Promise<Outcome<LatentDashboard>>;
  /** Zip of sae_weights.safetensors, cfg.json and sparsity.safetensors (SAELens layout). */
  exportSae: (saeId: string) => Promise<Outcome<Blob>>;
  importSae: (files: ModelFile[]) => Promise<Outcome<SaeFacts>>;
  deleteSae: (saeId: string) => Promise<void>;
};

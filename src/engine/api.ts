// What the page may ask of the engine and what it is told: types only, all of them plain data that
// structured clone can carry. No tensor of the model ever crosses; the widest thing is one dashboard.
import type { ActiveLatent, TextLatent } from '../core/explore/activeText';
import type { TokenEffect } from '../core/explore/ablationEffect';
import type { Conversation } from '../core/model/chat';
import type { SaeEvaluation } from '../core/evaluate/evaluation';
import type { TokenMoments } from '../core/statistics/activationMoments';
import type { ArchitectureInput, SaeArchitecture } from '../core/sae/architecture';
import type { HookPoint } from '../core/activations/hookPoint';
import type { LabelGuess } from '../core/statistics/latentLabel';
import type { LatentFrame } from '../core/explore/latentLife';
import type { LiveLatent } from '../core/train/liveLatents';
import type { SaeMatching } from '../core/explore/matchLatents';
import type { ModelNeeds } from '../core/model/modelNeeds';
import type { RevisionName } from '../core/model/nanochat';
import type { SaeConfig } from '../core/sae/sae';
import type { LatentMoment } from '../core/sae/snapshots';
import type { MapKind } from '../core/share/tableShare';
import type { AutomationPoint, Steering } from '../core/steer/steering';
import type {
  DosePoint,
  DoseResponse,
  LaneName,
  SteeredReadout,
  SteeringCheck,
  TokenChoice,
  TokenLatents,
  VectorFacts,
} from '../core/steer/steeringReport';
import type { WeightPrecision } from '../core/model/weightPrecision';

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
export type ModelSource =
  | { kind: 'demo' }
  /** folder and step choose one of several models (`inspectModel`); without them the latest opens */
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

// ---- generation and steering ----------------------------------------------------------------

export type GenerationRequest = {
  /** a text to continue after <|bos|>, or a conversation to reply to */
  prompt: string | Conversation;
  maxTokens: number;
  temperature: number;
  topK: number;
  seed: number;
  /** null: one lane without any edit */
  steer: Steering | null;
  /** token ids that a lane says first, before it chooses: branch from a token, or run a text again. Read one
   *  by one, with the automation's values: the lane is then as it was. Absent: none */
  prefix?: Partial<Record<LaneName, number[]>>;
};

export type GeneratedToken = TokenView & {
  /** natural log of the token's probability before temperature; null where the model did not choose it */
  logProb: number | null;
  /** a calculator's result, put in by us: outside every mean over tokens */
  isForced: boolean;
  /** of the slots in force when this token was chosen, in their order; null: off. Empty in the baseline */
  values: (number | null)[];
  /** null where forced by a tool */
  choice: TokenChoice | null;
  /** null in the baseline */
  steered: SteeredReadout | null;
};

export type DoseRequest = {
  generation: GenerationRequest;
  slotId: string;
  /** default: 13 from −3 to 3, or what the slot's mode and unit allow */
  values?: number[];
  /** of the baseline, read after the prompt; default 64 */
  tokens?: number;
  /** tokens whose log-probability is followed */
  watched: number[];
  /** also makes 3 texts of 24 tokens at each strength, for their surprise; default false */
  withSurprise?: boolean;
};

/** Where a direction of one's own comes from; it is made a unit vector. */
export type VectorSource = { name: string; hook: HookPoint } & (
  | /** mean over the tokens of one text, less that of the other */
    { kind: 'prompts'; positive: string; negative: string }
    /** .json (numbers), .npy or .safetensors; of several tensors one is named */
  | { kind: 'file'; file: ModelFile; tensor?: string }
  /** a decoder row of another SAE */
  | { kind: 'decoder'; saeId: string; latentIndex: number }
);

// ---- corpus -----------------------------------------------------------------------------------

/** The text that SAEs are trained and measured on. Pasted text and files live in this tab only. */
export type CorpusSource =
  | { kind: 'demo' }
  /** the open model writes it */
  | ({ kind: 'self' } & SelfTextRequest)
  | { kind: 'paste'; text: string }
  /** field: key of .jsonl objects and column of .parquet tables; default "text" */
  | { kind: 'files'; files: ModelFile[]; field?: string };

export type SelfTextRequest = { tokens: number; temperature: number; topK: number; seed: number };

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

// ---- training -------------------------------------------------------------------------------

/** Where a run's activations come from; random ones are a smoke test of a configuration. */
export type ActivationSource = 'model' | 'random';

/** Fields of the recipe that a form may set; one that the architecture has not is refused. */
export type AdvancedFields = Omit<ArchitectureInput, 'architecture' | 'k'> &
  Partial<Pick<SaeConfig, 'lr' | 'bDecInit' | 'emaDecay'>>;

export type TrainForm = {
  /** default 'model' */
  source?: ActivationSource;
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
  /** runs that differ in their first weights alone and share every forward pass; default 1 */
  seeds?: number;
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
  /** waits until `playQueue` reaches it */
  | { kind: 'queued' }
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
  source: ActivationSource;
  /** why it paused by itself, or what it goes on without */
  warning: Problem | null;
  /** other runs that share its forward passes now */
  companions: number;
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
  /** tokens that they were to cover, where the pass goes on or was ended early; absent: they are whole */
  statisticsGoal?: number;
  /** the text it was trained on; absent: the bundled corpus, or unknown for imported ones */
  trainingCorpus?: CorpusName;
  /** the text of the statistics; absent: the bundled corpus */
  statisticsCorpus?: CorpusName;
  /** the run that trained it on this device; its snapshots are kept under that id */
  runId?: string;
  /** tokens without firing after which a latent counted as dead in training; absent where unknown */
  deadAfterTokens?: number;
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
  /** excess kurtosis of the activations given firing; null where it is unknown or has no meaning (fewer
   *  than two different activations, statistics of an earlier version) */
  kurtosis: number | null;
  /** density above 10 % */
  isAlwaysOn: boolean;
  /** best cosine with another decoder direction, and whose; null where it was not computed */
  neighbourCosine: number | null;
  neighbourIndex: number | null;
  /** best direct-path token, null without logits */
  topToken: string | null;
  /** training step from which on its direction stayed near the final one, null: it never did; absent: not
   *  known, or not yet */
  birthStep?: number | null;
};

export type ExampleToken = TokenView & { act: number };
/** Examples of one sequence share their `tokens`. */
export type Example = {
  tokens: ExampleToken[];
  /** index in `tokens` of the token that made this example one */
  peak: number;
  act: number;
  /** the same ±8 tokens seen this many times */
  repeats: number;
  /** place of tokens[0] in its sequence; null where it was not kept */
  firstPosition: number | null;
};
/** Firing tokens with an activation above `from`, up to `to`; fewer examples than tokens may be kept. */
export type ExampleGroup = { from: number; to: number; count: number; examples: Example[] };
/** Another latent with its best direct-path token. */
export type NeighbourLatent = { latentIndex: number; topToken: string | null; cosine: number };
export type PartnerLatent = {
  latentIndex: number;
  topToken: string | null;
  phi: number;
  /** P(partner fires | this one fires) */
  conditional: number;
};
export type LogitToken = { text: string; tokenId: number; value: number };
type HistogramBins = { binWidth: number; counts: number[] };

export type LatentDashboard = {
  row: LatentRow;
  tokensSeen: number;
  histogram: HistogramBins;
  topExamples: Example[];
  /** null: the statistics are of an earlier version, which kept none of this */
  details: LatentDetails | null;
  /** direct path only: g_L · W_U · d̂ */
  topLogits: LogitToken[];
  bottomLogits: LogitToken[];
};

// ---- a text ---------------------------------------------------------------------------------

export type ActiveTextRequest = {
  /** SAEs of the open model; one forward pass serves them all, whatever their hook points */
  saeIds: string[];
  /** read as plain text after <|bos|>; typed special tokens stay plain */
  text: string;
  /** a newer request of the same purpose cancels the older one; 'search' tells its progress */
  purpose: string;
};

/** What SAEs find in a text. <|bos|> is read and not listed. */
export type ActiveText = {
  tokens: TokenView[];
  /** tokens at the end that were not read, the text being too long */
  leftOut: number;
  /** in the order asked for */
  saes: {
    saeId: string;
    /** one list a token, strongest first */
    tokens: ActiveLatent[][];
    /** every latent that fires, strongest first */
    latents: TextLatent[];
  }[];
};

// ---- a map ----------------------------------------------------------------------------------

export type LatentMap = {
  kind: MapKind;
  /** x, y of each latent; the longer side of the map runs from 0 to 1 */
  places: Float32Array;
};

// ---- two SAEs -------------------------------------------------------------------------------

/** An SAE as it is, or as it was at a saved step of the run that made it. */
export type ComparedSae = { saeId: string; step: number | null };
/** Latents of two SAEs matched by decoder direction: pairs that are each other's nearest. */
export type SaeComparison = SaeMatching & { saeId: string; other: ComparedSae };

export type LatentDetails = {
  /** special tokens seen and left out */
  excludedTokens: number;
  moments: TokenMoments;
  /** uniform over all firing tokens, one per sequence */
  randomExamples: Example[];
  /** equal-width slices of (0, max], highest first */
  intervals: ExampleGroup[];
  /** 0-50-90-99-99.9-100 % of the firing tokens, highest first */
  quantiles: ExampleGroup[];
  /** by decoder cosine, best first */
  neighbours: NeighbourLatent[];
  /** by φ, best first, counted on partnerTokens tokens */
  partners: PartnerLatent[];
  partnerTokens: number;
};

/** Tokens on which a silent latent comes closest to firing; `act` of their tokens is the pre-activation. */
export type NearestMisses = { tokensSearched: number; examples: Example[] };

/** Direct-path logits over the whole vocabulary, 50 equal bins. */
export type LogitHistogram = { from: number; binWidth: number; counts: number[] };

/** What a person wrote about a latent. */
export type LatentNote = {
  latentIndex: number;
  /** at most 80 characters */
  label: string;
  /** at most 2,000 */
  note: string;
  tags: string[];
  isStarred: boolean;
};

/** A text, led by <|bos|>, with one latent's activation on each token. */
export type LatentReading = {
  tokens: ExampleToken[];
  /** over tokens that are not special */
  maxAct: number;
};

export type AblationRequest = {
  saeId: string;
  latentIndex: number;
  /** of the example; <|bos|> is put before them where it is missing */
  tokenIds: number[];
  /** index in tokenIds of the one token where the latent is switched off; null: at every token that is not
   *  special */
  position: number | null;
};

/** Both runs of the model on one example, the second with h' = h − f_i · d̂ at the SAE's hook point. */
export type Ablation = {
  tokens: (ExampleToken & TokenEffect & { isEdited: boolean })[];
  /** first token whose residual changed: nothing before it can have; null where the latent was silent */
  firstChanged: number | null;
};

/** One latent at every saved step of its run, ascending. */
export type LatentReplay = {
  /** bids: per example and token, max(h, 0) for TopK, otherwise the activation */
  frames: (LatentFrame & { bids: number[][] })[];
};

// ---- live latents -----------------------------------------------------------------------------

/** One latent of a running SAE in its last sampled batches: provisional, from few tokens. */
export type LiveTile = Omit<LiveLatent, 'examples'> & {
  /** act null: that token was in no sampled batch */
  examples: { tokens: (TokenView & { act: number | null })[]; peak: number; act: number }[];
};

export type LiveTiles = {
  /** steps done at the newest sample; null before the first */
  step: number | null;
  /** tokens in the samples */
  tokens: number;
  tiles: LiveTile[];
  /** why there can be none, as a sentence; null where there can */
  refusal: string | null;
};

/** A latent's direction at a moment of its training as logits, direct path only. */
export type MomentLogits = { step: number; topLogits: LogitToken[]; bottomLogits: LogitToken[] };

// ---- evaluation -----------------------------------------------------------------------------

/** Labelled documents for k-sparse probing: the bundled corpus, labelled by its templates, or .jsonl. */
export type ProbingSource =
  { kind: 'demo' } | { kind: 'file'; file: ModelFile; textField: string; labelField: string };

export type EvaluationForm = {
  /** counted held-out tokens at most */
  tokens: number;
  probing: ProbingSource | null;
};

/** One SAE on the Evaluate screen: what is going on, and the last (or the growing) evaluation. */
export type EvaluationRow = {
  saeId: string;
  state:
    | { kind: 'idle' }
    | { kind: 'queued' }
    | { kind: 'running' }
    | { kind: 'failed'; problem: Problem };
  evaluation: SaeEvaluation | null;
};

// ---- events ---------------------------------------------------------------------------------

export type Progress = {
  job:
    | 'model'
    | 'corpus'
    | 'statistics'
    | 'runtime'
    | 'check'
    | 'evaluation'
    | 'loss'
    | 'text'
    | 'map'
    | 'clusters'
    | 'births'
    | 'comparison'
    | 'labels'
    | 'dose';
  phase: string;
  done: number;
  total: number | null;
  unit: 'bytes' | 'tokens' | 'tensors' | 'steps' | 'documents' | 'features';
};

export type EngineEvent =
  | { kind: 'progress'; progress: Progress | null; job: Progress['job'] }
  | { kind: 'device'; device: DeviceFacts }
  | { kind: 'model'; model: ModelFacts | null }
  | { kind: 'needs'; needs: PrecisionNeeds[] }
  /** note: why the last import was not kept, as a sentence */
  | { kind: 'keptModels'; models: KeptModel[]; note: string | null }
  | { kind: 'corpus'; corpus: CorpusFacts }
  | { kind: 'prompt'; generationId: number; tokens: TokenView[] }
  | {
      kind: 'token';
      generationId: number;
      lane: LaneName;
      token: GeneratedToken;
    }
  /** features of tokens already told: a token's own come when the model has read it */
  | { kind: 'tokenLatents'; generationId: number; tokens: TokenLatents[] }
  | { kind: 'generationPaused'; generationId: number; isPaused: boolean }
  | {
      kind: 'generated';
      generationId: number;
      /** lost: the GPU device; what was told stays */
      reason: 'length' | 'stop' | 'end' | 'context' | 'failed' | 'lost';
      /** generated token at which the lanes parted; null: they did not, or there is one */
      divergence: number | null;
      /** values as they changed: played back, it makes the same text; null without steering */
      automation: AutomationPoint[] | null;
    }
  | { kind: 'dosePoint'; point: DosePoint; done: number; total: number }
  | { kind: 'vectors'; vectors: VectorFacts[] }
  | { kind: 'run'; run: RunFacts }
  | { kind: 'points'; runId: string; points: TrainPoint[] }
  | { kind: 'saes'; saes: SaeFacts[] }
  | { kind: 'evaluation'; row: EvaluationRow }
  | { kind: 'downloads'; downloads: DownloadFacts[] }
  /** good to know, as a sentence */
  | { kind: 'notice'; text: string }
  | { kind: 'problem'; problem: Problem };

// ---- commands -------------------------------------------------------------------------------

export type EngineApi = {
  /** Called once; events come in batches, at most ten a second. */
  subscribe: (listener: (events: EngineEvent[]) => void) => Promise<void>;

  openModel: (source: ModelSource) => Promise<Outcome<ModelFacts>>;
  /** What a drop holds, latest first. Reads meta files only. */
  inspectModel: (files: ModelFile[]) => Promise<Outcome<ModelChoice[]>>;
  /** What a folder's address or a Hugging Face repository holds, with sizes. Fetches listings only. */
  listRemote: (url: string) => Promise<Outcome<RemoteFacts>>;
  /** Ends `openModel` of an address and `listRemote`; what arrived is kept. */
  cancelDownload: () => Promise<void>;
  /** Deletes what was downloaded. */
  deleteDownload: (id: string) => Promise<void>;
  /** Where the model runs; null chooses by the device. Restarts the open model there. */
  setModelBackend: (backend: ModelBackend | null) => Promise<Outcome<null>>;
  /** How weights are kept; null chooses by the machine. Restarts the open model; refused, with the reason
   *  and what fits, where the machine cannot. */
  setWeightPrecision: (precision: WeightPrecision | null) => Promise<Outcome<null>>;
  /** On held-out tokens of the open corpus, as it runs and in f32. */
  measurePrecisionLoss: (tokens: number) => Promise<Outcome<PrecisionLoss>>;
  deleteKeptModel: (id: string) => Promise<Outcome<null>>;
  tokenize: (text: string) => Promise<TokenView[]>;
  /** Measures the open model on held-out text; progress as events. */
  checkImport: (tokens: number) => Promise<Outcome<ImportCheck>>;
  cancelImportCheck: () => Promise<void>;

  /** Ends the writing of a text by the model: what it has made is kept, if it is enough. */
  stopSelfText: () => Promise<void>;
  /** The open text as .jsonl, one {"text": …} a line. */
  exportCorpus: () => Promise<Outcome<Blob>>;
  /** Replaces the corpus; a failure leaves the one that was open. Refused while a run is open. */
  openCorpus: (source: CorpusSource) => Promise<Outcome<CorpusFacts>>;

  /** Resolves when the text ends; tokens arrive as events. */
  generate: (generationId: number, request: GenerationRequest) => Promise<Outcome<null>>;
  stopGeneration: () => Promise<void>;
  /** Holds before the next token; other work goes on meanwhile. */
  pauseGeneration: () => Promise<void>;
  resumeGeneration: () => Promise<void>;
  /** One more token, then it holds. */
  stepGeneration: () => Promise<void>;
  /** Read once per token: acts on the next one. null: off (muted). */
  setSlotValue: (slotId: string, value: number | null) => Promise<void>;
  /** What its dials mean at its hooks, and what to be warned of; reads some text once per hook. */
  checkSteering: (steering: Steering) => Promise<Outcome<SteeringCheck>>;
  /** One slot at many strengths over the baseline's text; points arrive as events too. */
  doseResponse: (request: DoseRequest) => Promise<Outcome<DoseResponse>>;
  cancelDoseResponse: () => Promise<void>;
  makeVector: (source: VectorSource) => Promise<Outcome<VectorFacts>>;
  listVectors: () => Promise<VectorFacts[]>;
  deleteVector: (vectorId: string) => Promise<void>;

  /** The run's facts as its form would make them, or the field that forbids it; starts nothing. */
  checkTraining: (form: TrainForm) => Promise<Outcome<SaeConfig>>;
  /** Of several seeds: answers with the first run. */
  startTraining: (form: TrainForm) => Promise<Outcome<RunFacts>>;
  /** Keeps a run for later; playQueue starts it. Queued runs outlive the tab. */
  queueTraining: (form: TrainForm) => Promise<Outcome<RunFacts>>;
  /** Trains all queued runs: those that read the same tokens and fit the budget of GPU memory together share
   *  each forward pass, the others follow. Resolves once the first have begun. */
  playQueue: (budgetBytes: number) => Promise<Outcome<RunFacts[]>>;
  /** by: −1 earlier, 1 later */
  moveInQueue: (runId: string, by: -1 | 1) => Promise<void>;
  pauseTraining: () => Promise<void>;
  /** Goes on with a paused run and those that were trained with it, in this tab or from their last
   *  checkpoint. lrFactor: goes on with that times its learning rate. */
  resumeTraining: (runId: string, o?: { lrFactor?: number }) => Promise<Outcome<RunFacts>>;
  /** Asks for a checkpoint at the next step (the page is being hidden). */
  saveSoon: () => Promise<void>;
  /** Ends one run, or all that are going on, and keeps what they have as SAEs. */
  stopTraining: (runId?: string) => Promise<void>;
  /** Runs with a checkpoint in storage, newest first. */
  listRuns: () => Promise<RunFacts[]>;
  runPoints: (runId: string) => Promise<TrainPoint[]>;
  /** One latent at every snapshot of the run that trained the SAE, ascending by step; empty without them. */
  latentHistory: (saeId: string, latentIndex: number) => Promise<Outcome<LatentMoment[]>>;
  /** Step from which on each latent's direction stayed near its final one, null where it never did; null
   *  instead of a list where no snapshots are kept. */
  latentBirths: (saeId: string) => Promise<Outcome<(number | null)[] | null>>;
  cancelLatentBirths: () => Promise<void>;
  /** What latents of a run do now: those asked for, then up to `fill` more that fire strongest. Asking is
   *  watching: batches are sampled at most every 2 s, and only while somebody asks. */
  liveLatents: (o: {
    runId: string;
    latentIndices: number[];
    fill: number;
  }) => Promise<Outcome<LiveTiles>>;
  liveLogits: (runId: string, latentIndex: number) => Promise<Outcome<MomentLogits>>;
  /** The same with what it bids on examples (token ids) at each step; no frames where nothing was saved. */
  replayLatent: (o: {
    saeId: string;
    latentIndex: number;
    examples: number[][];
  }) => Promise<Outcome<LatentReplay>>;
  deleteRun: (runId: string) => Promise<void>;

  listSaes: () => Promise<SaeFacts[]>;
  /** One pass over the corpus; progress and previews as events. */
  computeStatistics: (saeId: string, tokens: number) => Promise<Outcome<SaeFacts>>;
  cancelStatistics: () => Promise<void>;
  latentRows: (saeId: string) => Promise<Outcome<LatentRow[]>>;
  latentDashboard: (saeId: string, latentIndex: number) => Promise<Outcome<LatentDashboard>>;
  /** The latents that a text wakes, per token and ranked. */
  activeLatents: (request: ActiveTextRequest) => Promise<Outcome<ActiveText>>;
  cancelActiveLatents: (purpose: string) => Promise<void>;
  /** Decoder directions laid out in the plane; the same for the same SAE, kept once computed. */
  latentMap: (saeId: string, kind: MapKind) => Promise<Outcome<LatentMap>>;
  /** Matches every latent of the first SAE with the second's; progress as events. */
  compareSaes: (saeId: string, other: ComparedSae) => Promise<Outcome<SaeComparison>>;
  /** The latents of another SAE whose decoder directions are closest to this one's, best first. */
  neighboursIn: (o: {
    saeId: string;
    latentIndex: number;
    otherId: string;
  }) => Promise<Outcome<NeighbourLatent[]>>;
  /** Steps at which the run that made this SAE was saved, ascending; none where no run of this device did. */
  savedSteps: (saeId: string) => Promise<Outcome<number[]>>;
  /** Needs the model. */
  savedLogits: (o: {
    saeId: string;
    step: number;
    latentIndex: number;
  }) => Promise<Outcome<MomentLogits>>;
  cancelComparison: () => Promise<void>;
  cancelLatentMap: () => Promise<void>;
  /** Number of the cluster of each latent's direction, from 1, the largest; 0: in none. The same for the same SAE,
   *  kept once computed. */
  latentClusters: (saeId: string) => Promise<Outcome<Uint8Array>>;
  cancelLatentClusters: () => Promise<void>;
  /** Searches a sample of the open corpus for what a dead latent almost fires on. */
  nearestMisses: (saeId: string, latentIndex: number) => Promise<Outcome<NearestMisses>>;
  /** Co-activation counted on every token of a new pass, at most `tokens`; progress as events. */
  exactPartners: (
    saeId: string,
    latentIndex: number,
    tokens: number,
  ) => Promise<Outcome<{ partners: PartnerLatent[]; partnerTokens: number }>>;
  /** Needs the model. */
  logitHistogram: (saeId: string, latentIndex: number) => Promise<Outcome<LogitHistogram>>;
  /** SAEDashboard's batch-N.json of these latents; logit histograms where the model is open. */
  exportDashboards: (saeId: string, latentIndices: number[]) => Promise<Outcome<Blob>>;
  latentNotes: (saeId: string) => Promise<Outcome<LatentNote[]>>;
  /** An empty note is deleted. Resolves with what was kept: texts are cut to their lengths. */
  setLatentNote: (saeId: string, note: LatentNote) => Promise<Outcome<LatentNote>>;
  /** One background pass that guesses a plain label for every latent and scores each guess on held-out text;
   *  no service is asked. Progress as events; the guesses are kept. */
  guessLabels: (saeId: string, tokens: number) => Promise<Outcome<LabelGuess[]>>;
  cancelGuessing: () => Promise<void>;
  /** null before the first pass */
  labelGuesses: (saeId: string) => Promise<LabelGuess[] | null>;
  /** Runs the model on a text of at most 500 characters. A newer call ends older ones as cancelled. */
  readText: (o: {
    saeId: string;
    latentIndex: number;
    text: string;
  }) => Promise<Outcome<LatentReading>>;
  /** Runs the model twice; a newer call ends older ones as cancelled. */
  ablate: (request: AblationRequest) => Promise<Outcome<Ablation>>;
  /** One entry a token: ln p of the one after it, null at the last; read after <|bos|>. A newer call ends older
   *  ones as cancelled. */
  nextLogProbs: (tokenIds: number[]) => Promise<Outcome<(number | null)[]>>;
  /** Measures SAEs on held-out text, one after the other; rows arrive as events. Resolves at the end of
   *  the queue; a row that failed says so itself. */
  evaluateSaes: (saeIds: string[], form: EvaluationForm) => Promise<Outcome<null>>;
  cancelEvaluation: () => Promise<void>;
  /** The last evaluation of each SAE, those of earlier visits too. */
  listEvaluations: () => Promise<EvaluationRow[]>;
  /** Zip of sae_weights.safetensors, cfg.json and sparsity.safetensors (SAELens layout). */
  exportSae: (saeId: string) => Promise<Outcome<Blob>>;
  importSae: (files: ModelFile[]) => Promise<Outcome<SaeFacts>>;
  deleteSae: (saeId: string) => Promise<void>;
};

// Training runs: the form, the facts of a run, the queue, and what latents do meanwhile. Types only.
import type { ModelIdRule } from '../../core/model/modelId';
import type { HookPoint } from '../../core/activations/hookPoint';
import type { ArchitectureInput, SaeArchitecture } from '../../core/sae/architecture';
import type { SaeConfig } from '../../core/sae/sae';
import type { LiveLatent } from '../../core/train/liveLatents';
import type { TokenView } from '../model/api';
import type { MomentLogits } from '../sae/api';
import type { SaeBackendName } from '../../core/train/saeBackend';
import type { StepProfiling } from '../../core/train/stepProfile';
import type { JobId, ModelFile, Outcome, Problem } from '../shared/api';

/** Where a run's activations come from; random ones are a smoke test of a configuration. */
export type ActivationSource = 'model' | 'random';

/** Recipe fields that a form may set; fields that the architecture does not have are refused. */
export type AdvancedFields = Omit<ArchitectureInput, 'architecture' | 'k'> &
  Partial<Pick<SaeConfig, 'lr' | 'bDecInit' | 'emaDecay' | 'ringRows'>>;

export type TrainForm = {
  /** default 'model' */
  source?: ActivationSource;
  hookPoint: HookPoint;
  /** absent: topk */
  architecture?: SaeArchitecture;
  /** missing fields have the recipe's defaults */
  advanced?: AdvancedFields;
  expansionFactor: number;
  /** latents per token, for architectures with a k */
  k: number;
  tokens: number;
  batchSize: number;
  seed: number;
  /** number of runs that differ only in their initial weights and share every forward pass; default 1 */
  seeds?: number;
  /** a transcoder for the MLP of every block, instead of one at `hookPoint`; they share every forward pass */
  everyLayer?: boolean;
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
  /** waiting until `playQueue` reaches it */
  | { kind: 'queued' }
  /** started once, and ended before its first checkpoint: only its settings are kept */
  | { kind: 'notBegun' }
  | { kind: 'preparing'; what: string; done: number; total: number }
  | { kind: 'training' }
  | { kind: 'paused' }
  | { kind: 'done' }
  | { kind: 'stopped' }
  | { kind: 'failed'; problem: Problem };

export type RunFacts = {
  runId: string;
  modelId: string;
  /** absent: modelId is an older version's */
  modelIdRule?: ModelIdRule;
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
  /** why it paused by itself, or what it continues without */
  warning: Problem | null;
  /** other runs that share its forward passes now */
  companions: number;
};

/** One latent of an SAE in training, from its last sampled batches: provisional, from few tokens. */
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
  /** why there are none, as a sentence; null if there can be */
  refusal: string | null;
};

/** What was measured with a run's own shapes, in about two seconds. */
export type TrainingSpeed = {
  /** of the model's forward passes up to the hook point; null: the activations are random */
  captureTokensPerSecond: number | null;
  stepSeconds: number;
  runsOn: SaeBackendName;
  /** what the kernels of a step took */
  profile: StepProfiling;
};

export type TrainEvent =
  { kind: 'run'; run: RunFacts } | { kind: 'points'; runId: string; points: TrainPoint[] };

export type TrainApi = {
  /** The run that this form would start, or the invalid field; starts nothing. */
  check: (form: TrainForm) => Promise<Outcome<SaeConfig>>;
  /** How fast that run would be here; a newer question ends an older one, and so does a run that starts. */
  measureSpeed: (form: TrainForm, jobId: JobId) => Promise<Outcome<TrainingSpeed>>;
  /** These runs as files for other machines: a script, its recipe, the text of training, words (SAELens trains). A
   *  zip is one file. */
  handoff: (o: { forms: TrainForm[]; as: 'zip' | 'files' }) => Promise<Outcome<ModelFile[]>>;
  /** With several seeds it returns the first run. */
  start: (form: TrainForm) => Promise<Outcome<RunFacts>>;
  /** Queues a run; playQueue starts it. Queued runs outlive the tab. */
  queue: (form: TrainForm) => Promise<Outcome<RunFacts>>;
  /** Trains all queued runs: those that read the same tokens and together fit the GPU memory budget share
   *  each forward pass, the others follow. Resolves once the first ones have started. */
  playQueue: (budgetBytes: number) => Promise<Outcome<RunFacts[]>>;
  /** by: −1 earlier, 1 later */
  moveInQueue: (runId: string, by: -1 | 1) => Promise<void>;
  pause: () => Promise<void>;
  /** Continues a paused run and those that were trained with it, in this tab or from their last
   *  checkpoint. lrFactor: factor for the learning rate from there on. */
  resume: (runId: string, o?: { lrFactor?: number }) => Promise<Outcome<RunFacts>>;
  /** Requests a checkpoint at the next step (the page is being hidden). */
  saveSoon: () => Promise<void>;
  /** Ends one run, or all running ones, and keeps their results as SAEs. */
  stop: (runId?: string) => Promise<void>;
  /** Runs of this tab and of storage, finished ones too, newest first. */
  list: () => Promise<RunFacts[]>;
  points: (runId: string) => Promise<TrainPoint[]>;
  /** What latents of a run do now: the given ones, then up to `fill` more that fire strongest. Batches
   *  are only sampled while this is being called, at most every 2 s. */
  live: (o: {
    runId: string;
    latentIndices: number[];
    fill: number;
  }) => Promise<Outcome<LiveTiles>>;
  liveLogits: (runId: string, latentIndex: number) => Promise<Outcome<MomentLogits>>;
  delete: (runId: string) => Promise<void>;
};

// The page's state: small, plain, serialisable facts and their first values. No tensors, no promises,
// no DOM, no React; actions live beside it, in their own files.
import type { Sort, Theme, View } from '../core/shareState';
import type {
  CorpusFacts,
  DeviceFacts,
  GeneratedToken,
  LatentDashboard,
  LatentRow,
  ModelFacts,
  Problem,
  Progress,
  RunFacts,
  SaeFacts,
  TokenView,
  TrainForm,
  TrainPoint,
} from '../engine/api';
import type { SaeConfig } from '../core/sae';

type Loadable<T> =
  | { status: 'empty' }
  | { status: 'loading' }
  | { status: 'ready'; value: T }
  | { status: 'failed'; problem: Problem };

/** Progress with the time its phase began, so that a rate and an ETA can be told. */
export type TimedProgress = Progress & { startedAt: number; updatedAt: number; firstDone: number };

export type GenerationForm = {
  prompt: string;
  maxTokens: number;
  temperature: number;
  topK: number;
  seed: number;
};

export type Lane = 'baseline' | 'steered';

/** One text in the making, or the last one made. */
export type GenerationRun = {
  generationId: number;
  running: boolean;
  prompt: TokenView[];
  lanes: Record<Lane, GeneratedToken[]>;
  reason: 'length' | 'stop' | 'end' | 'context' | 'failed' | null;
  problem: Problem | null;
  startedAt: number;
  updatedAt: number;
  /** strength in force while the prompt was read; null without steering */
  prefillStrength: number | null;
};

type ShellFacts = {
  view: View;
  theme: Theme;
  shortcutsOn: boolean;
  helpOpen: boolean;
  /** a problem no control owns */
  banner: Problem | null;
  /** something to know, dismissable */
  notice: string | null;
  /** last message for the polite live region; the id tells repeats apart */
  announcement: { id: number; text: string };
  /** hash keys this version does not know */
  unknownKeys: readonly (readonly [string, string])[];
};

type ModelSlice = {
  facts: ModelFacts | null;
  opening: boolean;
  /** what was opened last: its problem belongs beside that control */
  lastSource: 'demo' | 'files';
  /** Save-Data: the demo waits for a click */
  waitsForConsent: boolean;
  problem: Problem | null;
};

type CorpusSlice = {
  /** null until the engine has told */
  facts: CorpusFacts | null;
  opening: boolean;
  problem: Problem | null;
};

type FormCheck =
  | { status: 'unchecked' }
  | { status: 'checking' }
  | { status: 'valid'; config: SaeConfig }
  | { status: 'invalid'; problem: Problem };

type TrainSlice = {
  form: TrainForm;
  check: FormCheck;
  runs: RunFacts[];
  /** the run on screen: being trained, or the last one looked at */
  shownRunId: string | null;
  /** the run the engine holds in this tab, trained or paused */
  heldRunId: string | null;
  points: Readonly<Record<string, TrainPoint[]>>;
  /** a command was sent and not yet answered */
  busy: boolean;
  problem: Problem | null;
};

type SaeSlice = {
  /** null until the engine has listed them */
  list: SaeFacts[] | null;
  selectedId: string | null;
  /** what a link asked for, until it is found */
  wantedRef: string | null;
  busy: 'import' | 'export' | 'delete' | null;
  problem: Problem | null;
};

export type Liveness = 'all' | 'live' | 'dead';

export type ExploreSlice = {
  /** SAE and statistics size that `rows` belong to */
  rowsOf: { saeId: string; statisticsTokens: number } | null;
  rows: Loadable<LatentRow[]>;
  sort: Sort;
  search: string;
  liveness: Liveness;
  latentIndex: number | null;
  dashboard: Loadable<LatentDashboard>;
  /** SAE whose statistics are being computed */
  countingSaeId: string | null;
  statisticsProblem: Problem | null;
};

type SteerSlice = {
  saeId: string | null;
  latentIndex: number;
  strength: number;
  form: GenerationForm;
  /** what the chosen latent is, for its card */
  latent: Loadable<LatentDashboard>;
  run: GenerationRun | null;
};

export type AppFacts = {
  shell: ShellFacts;
  device: DeviceFacts | null;
  progress: Record<Progress['job'], TimedProgress | null>;
  model: ModelSlice;
  tokenizer: { text: string; tokens: TokenView[]; problem: Problem | null };
  generation: { form: GenerationForm; run: GenerationRun | null };
  corpus: CorpusSlice;
  training: TrainSlice;
  saes: SaeSlice;
  explore: ExploreSlice;
  steer: SteerSlice;
};

export const FIRST_FORM: GenerationForm = {
  prompt: 'Once upon a time',
  maxTokens: 256,
  temperature: 0.6,
  topK: 50,
  seed: 42,
};

/** Quick preset; k and the expansion factor of interface.md 2.2. */
export const FIRST_TRAIN_FORM: TrainForm = {
  hookPoint: 'blocks.2.hook_resid_post',
  architecture: 'topk',
  expansionFactor: 4,
  k: 16,
  tokens: 1_000_000,
  batchSize: 1024,
  seed: 42,
};

export const FIRST_SORT: Sort = { column: 'maxact', descending: true };

export function makeFirstFacts(): AppFacts {
  return {
    shell: {
      view: 'model',
      theme: 'auto',
      shortcutsOn: true,
      helpOpen: false,
      banner: null,
      notice: null,
      announcement: { id: 0, text: '' },
      unknownKeys: [],
    },
    device: null,
    progress: { model: null, corpus: null, statistics: null, runtime: null },
    model: {
      facts: null,
      opening: false,
      lastSource: 'demo',
      waitsForConsent: false,
      problem: null,
    },
    tokenizer: { text: 'Once upon a time there was a café 🙂', tokens: [], problem: null },
    generation: { form: FIRST_FORM, run: null },
    corpus: { facts: null, opening: false, problem: null },
    training: {
      form: FIRST_TRAIN_FORM,
      check: { status: 'unchecked' },
      runs: [],
      shownRunId: null,
      heldRunId: null,
      points: {},
      busy: false,
      problem: null,
    },
    saes: { list: null, selectedId: null, wantedRef: null, busy: null, problem: null },
    explore: {
      rowsOf: null,
      rows: { status: 'empty' },
      sort: FIRST_SORT,
      search: '',
      liveness: 'all',
      latentIndex: null,
      dashboard: { status: 'empty' },
      countingSaeId: null,
      statisticsProblem: null,
    },
    steer: {
      saeId: null,
      latentIndex: 0,
      strength: 1,
      form: { ...FIRST_FORM, maxTokens: 64 },
      latent: { status: 'empty' },
      run: null,
    },
  };
}

// The page's state: small, plain, serialisable facts and their first values. No tensors, no promises,
// no DOM, no React; actions live beside it, in their own files.
import type { DashboardView, Sort, Theme, View } from '../core/share/shareState';
import type { DeviceFacts, JobId, Problem, Progress } from '../engine/shared/api';
import type { CorpusFacts } from '../engine/text/api';
import type {
  DownloadFacts,
  ImportCheck,
  KeptModel,
  ModelChoice,
  ModelFacts,
  ModelSource,
  PrecisionLoss,
  PrecisionNeeds,
  RemoteFacts,
  TokenView,
} from '../engine/model/api';
import type { SaeFacts } from '../engine/sae/api';
import type { EvaluationRow } from '../engine/evaluate/api';
import type { RunFacts, TrainForm, TrainPoint } from '../engine/train/api';
import type { LatentDashboard, LatentRow } from '../engine/statistics/api';
import type { LabelGuess } from '../core/statistics/latentLabel';
import type { SaeConfig } from '../core/sae/sae';
import type { MapKind } from '../core/share/tableShare';
import {
  FIRST_DASHBOARD_VIEW,
  NO_INQUIRY,
  NO_NOTES,
  type InquirySlice,
  type NotesSlice,
} from './explore/dashboardFacts';
import { FIRST_COMPARISON, type ComparisonSlice } from './explore/comparisonFacts';
import { FIRST_LABELS, type LabelSlice } from './statistics/labelFacts';
import { FIRST_LIVE, type LiveSlice } from './train/liveFacts';
import { FIRST_PROBE, type ProbeSlice } from './explore/probeFacts';
import { FIRST_REPLAY, type ReplaySlice } from './explore/replayFacts';
import type { WeightPrecision } from '../core/model/weightPrecision';
import { firstSteer, type SteerSlice } from './steer/steerFacts';
import {
  FIRST_TEXT_SEARCH,
  NO_FILTER,
  type TableFilter,
  type TextSearch,
} from './explore/tableFilter';
import type { GenerationForm, GenerationMode, GenerationRun, Loadable } from './generate/textFacts';

/** Progress with the time its phase began, so that a rate and an ETA can be told. */
export type TimedProgress = Progress & { startedAt: number; updatedAt: number; firstDone: number };

/** What was said, and the reply: in the making, or made. */
export type Exchange = { text: string; run: GenerationRun };

type ChatSlice = {
  /** null: as the checkpoint suggests */
  chosenMode: GenerationMode | null;
  system: string;
  /** the turn being typed */
  draft: string;
  exchanges: readonly Exchange[];
  /** why the last turn was refused; the draft has it back */
  problem: Problem | null;
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
  lastSource: ModelSource['kind'];
  /** what the last drop held, latest first */
  choices: ModelChoice[];
  /** of them, the one that was opened last */
  chosen: ChoiceRef | null;
  /** Save-Data: the demo waits for a click */
  waitsForConsent: boolean;
  problem: Problem | null;
  /** per precision, of the model that was last looked at; null before the first */
  needs: PrecisionNeeds[] | null;
  /** the user's choice; null: by the machine */
  chosenPrecision: WeightPrecision | null;
  precisionProblem: Problem | null;
  loss: { measuring: boolean; value: PrecisionLoss | null; problem: Problem | null };
  kept: KeptModel[];
  /** why the last import was not kept */
  keptNote: string | null;
};

/** The last check of the open model, if any. */
type CheckSlice = { running: boolean; result: ImportCheck | null; problem: Problem | null };

/** Names one of several models of a drop or an address. */
export type ChoiceRef = Pick<ModelChoice, 'folder' | 'step'>;

type RemoteSlice = {
  /** as typed */
  address: string;
  listing: Loadable<RemoteFacts>;
  chosen: ChoiceRef | null;
  /** address of the download under way */
  downloading: string | null;
  /** kept in this browser, whole or not */
  downloads: DownloadFacts[];
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
  /** runs that the engine took up in this tab */
  heldRunIds: readonly string[];
  /** GPU memory, bytes, that runs of the queue may take together */
  budgetBytes: number;
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

/** on: fires on more than 10 % of the tokens */
export type Liveness = 'all' | 'live' | 'dead' | 'on';

export type ExploreSlice = {
  /** SAE and statistics size that `rows` belong to */
  rowsOf: { saeId: string; statisticsTokens: number } | null;
  /** birth steps of the latents of one SAE; empty: reading them was cancelled; ready with null: none are known */
  births: { saeId: string; steps: Loadable<readonly (number | null)[] | null> } | null;
  rows: Loadable<LatentRow[]>;
  sort: Sort;
  /** decides among rows that `sort` does not tell apart */
  thenBy: Sort | null;
  filter: TableFilter;
  /** per way of laying out: x, y of each latent, the longer side of the map from 0 to 1 */
  maps: Readonly<Record<MapKind, Loadable<Float32Array>>>;
  /** number of each latent's cluster, from 1; 0: in none */
  clusters: Loadable<Uint8Array>;
  textSearch: TextSearch;
  search: string;
  liveness: Liveness;
  latentIndex: number | null;
  dashboard: Loadable<LatentDashboard>;
  /** how its examples are shown */
  dashboardView: DashboardView;
  /** the visitor's own text: tests the open feature, finds features that fire on it */
  text: string;
  /** guessed labels by latent index; null: none were made yet, or they are not here yet */
  guesses: readonly LabelGuess[] | null;
  /** SAE whose statistics are being computed */
  countingSaeId: string | null;
  statisticsProblem: Problem | null;
};

/** What the Pareto plot has on its y axis. */
export type ParetoScore = 'explainedVariance' | 'ceLossRecovered';

/** Which documents the probes are to tell apart; the user's file stays outside the store. */
export type ProbingChoice = 'none' | 'demo' | 'file';

type EvaluateSlice = {
  /** null until the engine has listed the stored ones */
  rows: Readonly<Record<string, EvaluationRow>> | null;
  /** SAEs with a check mark; null: nothing was chosen yet, all of them */
  chosenIds: readonly string[] | null;
  /** counted tokens; null: the default for this machine */
  tokens: number | null;
  probing: ProbingChoice;
  /** the user's labelled file, by name */
  probingFile: string | null;
  textField: string;
  labelField: string;
  score: ParetoScore;
  /** the row whose details are open */
  shownId: string | null;
  /** a queue is going on */
  busy: boolean;
  problem: Problem | null;
};

export type AppFacts = {
  shell: ShellFacts;
  device: DeviceFacts | null;
  /** of the work that goes on */
  progress: Readonly<Record<JobId, TimedProgress>>;
  model: ModelSlice;
  remote: RemoteSlice;
  tokenizer: { text: string; tokens: TokenView[]; problem: Problem | null };
  generation: { form: GenerationForm; run: GenerationRun | null };
  chat: ChatSlice;
  check: CheckSlice;
  corpus: CorpusSlice;
  training: TrainSlice;
  saes: SaeSlice;
  explore: ExploreSlice;
  notes: NotesSlice;
  inquiry: InquirySlice;
  probe: ProbeSlice;
  labels: LabelSlice;
  comparison: ComparisonSlice;
  live: LiveSlice;
  replay: ReplaySlice;
  evaluate: EvaluateSlice;
  steer: SteerSlice;
};

export const FIRST_FORM: GenerationForm = {
  prompt: 'Once upon a time',
  maxTokens: 256,
  temperature: 0.6,
  topK: 50,
  seed: 42,
};

const FIRST_CHAT: ChatSlice = {
  chosenMode: null,
  system: '',
  draft: '',
  exchanges: [],
  problem: null,
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
    progress: {},
    model: {
      facts: null,
      opening: false,
      lastSource: 'demo',
      choices: [],
      chosen: null,
      waitsForConsent: false,
      problem: null,
      needs: null,
      chosenPrecision: null,
      precisionProblem: null,
      loss: { measuring: false, value: null, problem: null },
      kept: [],
      keptNote: null,
    },
    remote: {
      address: '',
      listing: { status: 'empty' },
      chosen: null,
      downloading: null,
      downloads: [],
    },
    tokenizer: { text: 'Once upon a time there was a café 🙂', tokens: [], problem: null },
    generation: { form: FIRST_FORM, run: null },
    chat: FIRST_CHAT,
    check: { running: false, result: null, problem: null },
    corpus: { facts: null, opening: false, problem: null },
    training: {
      form: FIRST_TRAIN_FORM,
      check: { status: 'unchecked' },
      runs: [],
      shownRunId: null,
      heldRunIds: [],
      budgetBytes: 2e9,
      points: {},
      busy: false,
      problem: null,
    },
    saes: { list: null, selectedId: null, wantedRef: null, busy: null, problem: null },
    explore: {
      rowsOf: null,
      births: null,
      rows: { status: 'empty' },
      sort: FIRST_SORT,
      thenBy: null,
      filter: NO_FILTER,
      maps: { pca: { status: 'empty' }, umap: { status: 'empty' } },
      clusters: { status: 'empty' },
      textSearch: FIRST_TEXT_SEARCH,
      search: '',
      liveness: 'all',
      latentIndex: null,
      dashboard: { status: 'empty' },
      dashboardView: FIRST_DASHBOARD_VIEW,
      text: '',
      guesses: null,
      countingSaeId: null,
      statisticsProblem: null,
    },
    notes: NO_NOTES,
    inquiry: NO_INQUIRY,
    probe: FIRST_PROBE,
    labels: FIRST_LABELS,
    comparison: FIRST_COMPARISON,
    live: FIRST_LIVE,
    replay: FIRST_REPLAY,
    evaluate: {
      rows: null,
      chosenIds: null,
      tokens: null,
      probing: 'none',
      probingFile: null,
      textField: 'text',
      labelField: 'label',
      score: 'explainedVariance',
      shownId: null,
      busy: false,
      problem: null,
    },
    steer: firstSteer(FIRST_FORM),
  };
}

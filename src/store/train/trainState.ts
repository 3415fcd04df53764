// The Train screen's state: the form and its check, the runs and their curves, latents looked at while they
// train.
import type { SaeConfig } from '../../core/sae/sae';
import type { Problem } from '../../engine/shared/api';
import type { RunFacts, TrainForm, TrainingSpeed, TrainPoint } from '../../engine/train/api';
import type { LengthName } from './trainingPlan';
import { FIRST_LIVE, type LiveState } from './liveState';

type FormCheck =
  | { status: 'unchecked' }
  | { status: 'checking' }
  | { status: 'valid'; config: SaeConfig }
  | { status: 'invalid'; problem: Problem };

/** How fast the run of the form would be here; `of` says of which (speedKey). */
export type SpeedState =
  | { status: 'measuring'; of: string }
  /** why: as a sentence; null where it was cancelled */
  | { status: 'unknown'; of: string; why: string | null }
  | { status: 'known'; of: string; value: TrainingSpeed };

export type TrainState = {
  form: TrainForm;
  /** which length was chosen; null: the numbers were typed */
  length: LengthName | null;
  speed: SpeedState | null;
  check: FormCheck;
  runs: RunFacts[];
  /** the run on screen: being trained, or the last one looked at */
  shownRunId: string | null;
  /** runs that the engine started in this tab */
  heldRunIds: readonly string[];
  /** GPU memory, bytes, that queued runs may use together */
  budgetBytes: number;
  points: Readonly<Record<string, TrainPoint[]>>;
  /** a command was sent and not yet answered */
  busy: boolean;
  problem: Problem | null;
  live: LiveState;
};

/** Quick; k and the expansion factor of interface.md 2.2. */
export const FIRST_TRAIN_FORM: TrainForm = {
  hookPoint: 'blocks.2.hook_resid_post',
  architecture: 'topk',
  expansionFactor: 4,
  k: 16,
  tokens: 1_000_000,
  batchSize: 1024,
  seed: 42,
};

export const FIRST_TRAIN: TrainState = {
  form: FIRST_TRAIN_FORM,
  length: 'Quick',
  speed: null,
  check: { status: 'unchecked' },
  runs: [],
  shownRunId: null,
  heldRunIds: [],
  budgetBytes: 2e9,
  points: {},
  busy: false,
  problem: null,
  live: FIRST_LIVE,
};

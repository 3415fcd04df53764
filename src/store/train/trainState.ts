// The Train screen's state: the form and its check, the runs and their curves, latents looked at while they
// train.
import type { SaeConfig } from '../../core/sae/sae';
import type { Problem } from '../../engine/shared/api';
import type { RunFacts, TrainForm, TrainPoint } from '../../engine/train/api';
import { FIRST_LIVE, type LiveState } from './liveState';

type FormCheck =
  | { status: 'unchecked' }
  | { status: 'checking' }
  | { status: 'valid'; config: SaeConfig }
  | { status: 'invalid'; problem: Problem };

export type TrainState = {
  form: TrainForm;
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

export const FIRST_TRAIN: TrainState = {
  form: FIRST_TRAIN_FORM,
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

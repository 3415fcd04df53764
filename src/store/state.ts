// All the page holds: small, plain, serialisable values, nested by capability. No tensors, no promises, no
// DOM, no React; each capability's folder declares its own part, actions live beside it.
import type { DeviceFacts, JobId, Progress, UnreadableRecord } from '../engine/shared/api';
import { FIRST_ACTIVATIONS, type ActivationsState } from './activations/activationsState';
import { FIRST_CIRCUITS, type CircuitsState } from './circuits/circuitsState';
import { FIRST_EVALUATE, type EvaluateState } from './evaluate/evaluateState';
import { FIRST_EXPLORE, type ExploreState } from './explore/exploreState';
import { FIRST_FORM, FIRST_GENERATE, type GenerateState } from './generate/generateState';
import { FIRST_MODEL, type ModelState } from './model/modelState';
import { FIRST_SAE, type SaeState } from './sae/saeState';
import { FIRST_SHARING, type SharingState } from './share/sharingState';
import { FIRST_SHELL, type ShellState } from './shell/shellState';
import { FIRST_START, type StartState } from './start/startState';
import { FIRST_STATISTICS, type StatisticsState } from './statistics/statisticsState';
import { firstSteer, type SteerState } from './steer/steerState';
import { FIRST_TEXT, type TextState } from './text/textState';
import { FIRST_TOUR, type TourState } from './tour/tourState';
import { FIRST_TRAIN, type TrainState } from './train/trainState';

/** Progress with the start time of its phase, for a rate and an ETA. */
export type TimedProgress = Progress & { startedAt: number; updatedAt: number; firstDone: number };

export type AppState = {
  shell: ShellState;
  device: DeviceFacts | null;
  /** of the work that goes on */
  progress: Readonly<Record<JobId, TimedProgress>>;
  /** stored, and of no use as it is */
  unreadable: readonly UnreadableRecord[];
  start: StartState;
  tour: TourState;
  text: TextState;
  model: ModelState;
  activations: ActivationsState;
  sae: SaeState;
  generate: GenerateState;
  evaluate: EvaluateState;
  train: TrainState;
  steer: SteerState;
  statistics: StatisticsState;
  explore: ExploreState;
  circuits: CircuitsState;
  share: SharingState;
};

export function makeFirstState(): AppState {
  return {
    shell: FIRST_SHELL,
    device: null,
    progress: {},
    unreadable: [],
    start: FIRST_START,
    tour: FIRST_TOUR,
    text: FIRST_TEXT,
    model: FIRST_MODEL,
    activations: FIRST_ACTIVATIONS,
    sae: FIRST_SAE,
    generate: FIRST_GENERATE,
    evaluate: FIRST_EVALUATE,
    train: FIRST_TRAIN,
    steer: firstSteer(FIRST_FORM),
    statistics: FIRST_STATISTICS,
    explore: FIRST_EXPLORE,
    circuits: FIRST_CIRCUITS,
    share: FIRST_SHARING,
  };
}

// What the page may ask of the engine and what it is told, composed of the capabilities' own slices: types only, all
// of them plain data that structured clone can carry. No tensor of the model ever crosses; the widest thing is one
// dashboard.
import type { ActivationsApi, ActivationsEvent } from './activations/api';
import type { TextApi, TextEvent } from './text/api';
import type { ModelApi, ModelEvent } from './model/api';
import type { SaeApi, SaeEvent } from './sae/api';
import type { EvaluateApi, EvaluateEvent } from './evaluate/api';
import type { GenerateApi, GenerateEvent } from './generate/api';
import type { TrainApi, TrainEvent } from './train/api';
import type { SteerApi, SteerEvent } from './steer/api';
import type { StatisticsApi } from './statistics/api';
import type { ExploreApi } from './explore/api';
import type { CircuitsApi } from './circuits/api';
import type { ShareApi } from './share/api';
import type { JobId, RecordsApi, SharedEvent } from './shared/api';

export type EngineEvent =
  | SharedEvent
  | TextEvent
  | ModelEvent
  | ActivationsEvent
  | SaeEvent
  | EvaluateEvent
  | GenerateEvent
  | TrainEvent
  | SteerEvent;

export type EngineApi = {
  /** Called once; events come in batches, at most ten a second. */
  subscribe: (listener: (events: EngineEvent[]) => void) => Promise<void>;
  /** Answers, as soon as it can: by that the page knows that the engine lives. */
  answer: () => Promise<void>;
  /** Ends work that takes a while, by the id that its command was given; nothing where it has ended. */
  cancel: (jobId: JobId) => Promise<void>;
  /** what storage holds and nobody can read */
  records: RecordsApi;
  text: TextApi;
  model: ModelApi;
  activations: ActivationsApi;
  sae: SaeApi;
  evaluate: EvaluateApi;
  generate: GenerateApi;
  train: TrainApi;
  steer: SteerApi;
  statistics: StatisticsApi;
  explore: ExploreApi;
  circuits: CircuitsApi;
  share: ShareApi;
};

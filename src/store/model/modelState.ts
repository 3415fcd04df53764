// Models: the open one, how it runs, its tokenizer, its check, what is kept and what is
// remote.
import type { WeightPrecision } from '../../core/model/weightPrecision';
import type { Problem } from '../../engine/shared/api';
import type {
  ImportCheck,
  KeptModel,
  ModelChoice,
  ModelFacts,
  ModelSource,
  PrecisionLoss,
  PrecisionNeeds,
  RowMatrix,
  TokenView,
} from '../../engine/model/api';
import type { ChoiceRef } from './modelChoice';
import { FIRST_REMOTE, type RemoteState } from './remoteState';

export type ModelState = {
  open: ModelFacts | null;
  opening: boolean;
  /** what was opened last, so that its problem appears beside that control */
  lastSource: ModelSource['kind'];
  /** what the last drop held, latest first */
  choices: ModelChoice[];
  /** the one of them that was opened last */
  chosen: ChoiceRef | null;
  /** matrices of the last drop, of which one is to be chosen; null: nothing to choose */
  rowMatrices: RowMatrix[] | null;
  /** Save-Data: the demo waits for a click */
  waitsForConsent: boolean;
  problem: Problem | null;
  /** per precision, of the model that was last looked at; null before the first */
  needs: PrecisionNeeds[] | null;
  /** the user's choice; null: automatic */
  chosenPrecision: WeightPrecision | null;
  precisionProblem: Problem | null;
  loss: { measuring: boolean; value: PrecisionLoss | null; problem: Problem | null };
  kept: KeptModel[];
  /** why the last import was not kept */
  keptNote: string | null;
  tokenizer: { text: string; tokens: TokenView[]; problem: Problem | null };
  check: ImportCheckState;
  remote: RemoteState;
};

/** The last check of the open model, if any. */
type ImportCheckState = { running: boolean; result: ImportCheck | null; problem: Problem | null };

export const FIRST_MODEL: ModelState = {
  open: null,
  opening: false,
  lastSource: 'demo',
  choices: [],
  chosen: null,
  rowMatrices: null,
  waitsForConsent: false,
  problem: null,
  needs: null,
  chosenPrecision: null,
  precisionProblem: null,
  loss: { measuring: false, value: null, problem: null },
  kept: [],
  keptNote: null,
  tokenizer: { text: 'Once upon a time there was a café 🙂', tokens: [], problem: null },
  check: { running: false, result: null, problem: null },
  remote: FIRST_REMOTE,
};

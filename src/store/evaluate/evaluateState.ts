// The Evaluate screen's state: measured SAEs, what is to be measured next and how.
import type { Problem } from '../../engine/shared/api';
import type { EvaluationRow } from '../../engine/evaluate/api';

/** What the Pareto plot has on its y axis. */
export type ParetoScore = 'explainedVariance' | 'ceLossRecovered';

/** Which documents the probes are to tell apart; the user's file stays outside the store. */
export type ProbingChoice = 'none' | 'demo' | 'file';

export type EvaluateState = {
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
  /** every column of the table */
  isFull: boolean;
  /** the row whose details are open */
  shownId: string | null;
  /** a queue is going on */
  busy: boolean;
  problem: Problem | null;
};

export const FIRST_EVALUATE: EvaluateState = {
  rows: null,
  chosenIds: null,
  tokens: null,
  probing: 'none',
  probingFile: null,
  textField: 'text',
  labelField: 'label',
  score: 'explainedVariance',
  isFull: false,
  shownId: null,
  busy: false,
  problem: null,
};

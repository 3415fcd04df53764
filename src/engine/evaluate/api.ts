// Evaluations of SAEs on held-out text. Types only.
import type { SaeEvaluation } from '../../core/evaluate/evaluation';
import type { JobId, ModelFile, Outcome, Problem } from '../shared/api';

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

export type EvaluateEvent = { kind: 'evaluation'; row: EvaluationRow };

export type EvaluateApi = {
  /** Measures SAEs on held-out text, one after the other; rows arrive as events. Resolves at the end of
   *  the queue; a row that failed says so itself. Cancelled, the rows keep what was measured. */
  run: (saeIds: string[], form: EvaluationForm, jobId?: JobId) => Promise<Outcome<null>>;
  /** The last evaluation of each SAE, those of earlier visits too. */
  list: () => Promise<EvaluationRow[]>;
};

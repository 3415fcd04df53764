// Evaluations of SAEs on held-out text. Types only.
import type { SaeEvaluation } from '../../core/evaluate/evaluation';
import type { SaeFit } from '../../core/evaluate/saeFit';
import type { JobId, ModelFile, Outcome, Problem } from '../shared/api';

/** Labelled documents for k-sparse probing: what ships with what is open (the bundled corpus, labelled by its templates;
 *  of rows of a file their own labels), or .jsonl. */
export type ProbingSource =
  { kind: 'demo' } | { kind: 'file'; file: ModelFile; textField: string; labelField: string };

export type EvaluationForm = {
  /** most counted held-out tokens */
  tokens: number;
  probing: ProbingSource | null;
};

/** One SAE on the Evaluate screen: its status, and the last (or current) evaluation. */
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
  /** Measures SAEs on held-out text, one after the other, then those that are transcoders of several blocks, one a block,
   *  once more all at once; rows arrive as events. Resolves at the end of the queue; a row that failed says so itself. Cancelled, the rows keep what was measured. */
  run: (saeIds: string[], form: EvaluationForm, jobId?: JobId) => Promise<Outcome<null>>;
  /** On a sample of held-out text, whether the SAE belongs to the open model. A newer one ends an older one. */
  measureFit: (saeId: string, jobId?: JobId) => Promise<Outcome<SaeFit>>;
  /** The last evaluation of each SAE, including earlier visits. */
  list: () => Promise<EvaluationRow[]>;
};

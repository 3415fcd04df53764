// The figures of an SAE on held-out text, with the model in the loop: what `nanoscope eval` prints.
import type { SaeEvaluation } from '../core/evaluate/evaluation';
import { invariant } from '../core/errors';
import { ProblemError, valueOf } from '../engine/session';
import type { InterpretableModel } from './interpretableModel';
import type { Sae } from './sae';

/** Measures SAEs on held-out text with the model in the loop. Source of every figure: docs/evaluation.md. */
export class SaeEvaluator {
  readonly #model: InterpretableModel;

  /** The model must have a text (OpenOptions.data): its last tenth is read. */
  constructor(model: InterpretableModel) {
    this.#model = model;
  }

  /** Reconstruction (MSE, FVU, explained variance, cosine), sparsity (L0, L1, dead, dense), CE and KL with the SAE in
   *  its place; docs/evaluation.md defines each. tokens: counted held-out tokens, fewer where the text ends.
   *  Throws ConfigError where the SAE does not fit the model, ProblemError with what went wrong. */
  async evaluate(sae: Sae, o: { tokens?: number } = {}): Promise<SaeEvaluation> {
    const { saeId } = await this.#model.addSae(sae);
    const { evaluate } = this.#model.session.engine;
    valueOf(await evaluate.run([saeId], { tokens: o.tokens ?? 32_768, probing: null }));
    const row = (await evaluate.list()).find((one) => one.saeId === saeId);
    if (row?.state.kind === 'failed') throw new ProblemError(row.state.problem);
    const evaluation = row?.evaluation ?? null;
    invariant(evaluation !== null, 'an evaluation without a result');
    return evaluation;
  }
}

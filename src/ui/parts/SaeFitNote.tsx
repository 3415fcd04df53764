// Whether the SAE belongs to the open model: by the names in its files, and by what it explains of a sample.
import { isLowFit, type SaeFit } from '../../core/evaluate/saeFit';
import { matchModel } from '../../core/sae/modelMatch';
import type { ModelFacts } from '../../engine/model/api';
import type { SaeFacts } from '../../engine/sae/api';
import { progressOf } from '../../store/progress';
import { fitOf, isOfOpenShape } from '../../store/sae/saeSelectors';
import controlStyles from './look/controls.module.css';
import layoutStyles from './look/layout.module.css';
import wordStyles from './look/words.module.css';
import { Note, ProblemNote } from './Messages';
import { count, measure } from './text/numberText';
import { ProgressBar } from './ProgressBar';
import { useActions, useAppState } from '../storeContext';

export function SaeFitNote({ sae }: { sae: SaeFacts }) {
  const model = useAppState((state) => state.model.open);
  const hasShape = useAppState((state) => isOfOpenShape(state, sae));
  const fit = useAppState((state) => fitOf(state, sae.saeId));
  if (model === null) return null;
  const isOther = matchModel(sae, model) === 'other';
  return (
    <div className={layoutStyles.stack}>
      {isOther && <Note>{otherModel(sae, model, hasShape)}</Note>}
      {fit !== null && (isLowFit(fit) ? <Note>{lowText(fit)}</Note> : <FitLine fit={fit} />)}
      {hasShape && fit === null && (isOther || sae.origin === 'imported') && (
        <MeasureFit sae={sae} />
      )}
    </div>
  );
}

function otherModel(sae: SaeFacts, model: ModelFacts, hasShape: boolean): string {
  const named = `This SAE was made for ${sae.modelId ?? 'another model'}; the open model is ${model.id}.`;
  return hasShape
    ? `${named} It fits by its size only: what it shows and does here means nothing unless the two are the same model.`
    : named;
}

function lowText({ explainedVariance, tokens, corpus }: SaeFit): string {
  return `This does not look like an SAE of this model: it explains ${measure(explainedVariance)} of the variance at its place, on ${count(tokens)} held-out tokens of ${corpus}. SAEs of the same model explain most of it.`;
}

function FitLine({ fit }: { fit: SaeFit }) {
  return (
    <p className={wordStyles.small} role="status">
      It explains {measure(fit.explainedVariance)} of the variance of this model at its place, on{' '}
      {count(fit.tokens)} held-out tokens of {fit.corpus}.
    </p>
  );
}

function MeasureFit({ sae }: { sae: SaeFacts }) {
  const isMeasuring = useAppState((state) => state.sae.fit.measuring === sae.saeId);
  const problem = useAppState((state) => state.sae.fit.problem);
  const progress = useAppState(progressOf('fit'));
  const actions = useActions();
  if (isMeasuring && progress !== null) {
    return (
      <ProgressBar
        label="Does it fit this model?"
        progress={progress}
        onCancel={() => void actions.sae.cancelFit()}
      />
    );
  }
  return (
    <>
      <div>
        <button
          type="button"
          className={controlStyles.button}
          disabled={isMeasuring}
          onClick={() => void actions.sae.measureFit(sae.saeId)}
        >
          Measure whether it fits this model
        </button>
      </div>
      <ProblemNote problem={problem} />
    </>
  );
}

// One evaluation in full: every number, firing rates, probing, and what it was measured on.
import { useCallback } from 'react';
import { densityChart } from '../../charts/densityChart';
import type { Size } from '../../charts/svg';
import { measuredUnit, type SaeEvaluation } from '../../core/evaluate/evaluation';
import type { ProbingResult } from '../../core/evaluate/probing/kSparseProbe';
import { saeName } from '../../core/sae/saeName';
import { saeOf } from '../../store/sae/saeSelectors';
import { count, measure, percent } from '../parts/text/numberText';
import { hookText } from '../parts/text/hookText';
import { Term } from '../parts/text/Term';
import { ChartFigure } from '../parts/ChartFigure';
import { Fact, Facts } from '../parts/Facts';
import { useActions, useAppState } from '../storeContext';
import { dateText } from './EvaluationTable';
import {
  betterText,
  DETAIL_COLUMNS,
  FIRST_COLUMNS,
  FURTHER_COLUMNS,
  TOGETHER_COLUMN,
} from './metricColumns';
import { classNames } from '../parts/look/classNames';
import tableStyles from './metricTable.module.css';
import controlStyles from '../parts/look/controls.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';

const DETAILS = [...FIRST_COLUMNS, TOGETHER_COLUMN, ...FURTHER_COLUMNS, ...DETAIL_COLUMNS];

export function EvaluationDetail() {
  const evaluation = useAppState(({ evaluate }) =>
    evaluate.shownId === null ? null : (evaluate.rows?.[evaluate.shownId]?.evaluation ?? null),
  );
  const name = useAppState((state) => {
    const { shownId } = state.evaluate;
    const listed = shownId === null ? null : saeOf(state, shownId);
    return listed === null ? null : saeName(listed);
  });
  const actions = useActions();
  if (evaluation === null) return null;
  const { sae, together } = evaluation;
  return (
    <section className={layoutStyles.panel} aria-labelledby="evaluation-detail">
      <div className={layoutStyles.panelHead}>
        <h2 id="evaluation-detail">{name ?? sae.name} in full</h2>
        <button
          type="button"
          className={controlStyles.button}
          onClick={() => actions.explore.openSae(sae.id)}
        >
          Explore this SAE
        </button>
      </div>
      <Setting evaluation={evaluation} />
      {together !== undefined && (
        <p className={classNames(wordStyles.muted, wordStyles.small, wordStyles.wrapAnywhere)}>
          “All at once” is with {together.saes.map(({ name }) => name).join(', ')} in their MLPs’
          places in one pass.
        </p>
      )}
      <Facts>
        {DETAILS.filter((one) => one !== TOGETHER_COLUMN || together !== undefined).map(
          ({ title, meaning, better, of, write }) => (
            <Fact key={title} name={title} meaning={`${meaning} ${betterText(better)}`}>
              {write(of(evaluation))}
            </Fact>
          ),
        )}
        <Fact name="Dead in training" meaning="As training counted them, over its own stretch.">
          {percent(sae.deadFraction)}
        </Fact>
      </Facts>
      <Density evaluation={evaluation} />
      {evaluation.probing !== null && <Probing probing={evaluation.probing} />}
    </section>
  );
}

function Setting({ evaluation: e }: { evaluation: SaeEvaluation }) {
  const { tokens, positions } = e.metrics;
  const isShort = e.isComplete && tokens < e.requestedTokens;
  const unit = measuredUnit(e);
  return (
    <p className={classNames(wordStyles.muted, wordStyles.small, wordStyles.wrapAnywhere)}>
      {e.isComplete ? '' : 'Partial: ended early. '}
      {count(tokens)} held-out {unit === 'row' ? 'rows' : 'tokens'} of {e.corpus.name}
      {isShort && `, all it has (${count(e.requestedTokens)} were asked for)`}
      {unit === 'token' &&
        `, ${count(positions)} predictions, sequences of ${e.corpus.contextSize}`}
      ; {hookText(e.sae.hookPoint)} of {e.model.id},{' '}
      {unit === 'row' ? 'no model' : `model on ${e.model.backend}`};{' '}
      {e.adapter ?? 'adapter unknown'}; {dateText(e.date)} UTC, {Math.round(e.seconds)} s.
      {unit === 'token' && ' Special tokens are left out and keep their activations.'}
    </p>
  );
}

function Density({ evaluation }: { evaluation: SaeEvaluation }) {
  const { density } = evaluation.metrics;
  const draw = useCallback(
    (size: Size, document: Document) => densityChart(density, size, document),
    [density],
  );
  const rate = (bin: number) => measure(10 ** (density.from + bin * density.binWidth));
  return (
    <ChartFigure
      title="Firing rate of features, log10"
      value={
        <span className={classNames(wordStyles.muted, wordStyles.small)}>
          {count(density.neverFired)} never fired on {count(evaluation.metrics.tokens)}{' '}
          {measuredUnit(evaluation)}s
        </span>
      }
      height={160}
      draw={draw}
      table={() => ({
        columns: ['rate from', 'to', 'features'],
        rows: density.counts.map((n, bin) => [rate(bin), rate(bin + 1), count(n)]),
      })}
    />
  );
}

function Probing({ probing }: { probing: ProbingResult }) {
  return (
    <div className={layoutStyles.stack}>
      <h3>
        <Term of="k-sparse probing" />
      </h3>
      <p className={classNames(wordStyles.muted, wordStyles.small, wordStyles.wrapAnywhere)}>
        {probing.task}; each label against the rest. Accuracy on {count(probing.testDocuments)} test
        documents after {count(probing.trainDocuments)} training ones. It tells whether a few
        features carry the label, not whether the model uses them.
      </p>
      <div className={tableStyles.scroll} tabIndex={0} role="region" aria-label="Probing results">
        <table className={tableStyles.table}>
          <thead>
            <tr>
              <th scope="col" className={tableStyles.stickyCell}>
                Label
              </th>
              <th scope="col">Majority</th>
              {probing.sizes.map((k) => (
                <th key={k} scope="col">
                  k = {k}
                </th>
              ))}
              <th scope="col">All activations</th>
              <th scope="col">Features</th>
            </tr>
          </thead>
          <tbody>
            {probing.classes.map((probed) => (
              <ProbingRow key={probed.label} name={probed.label} {...probed} />
            ))}
            <ProbingRow name="Mean" {...probing} latents={[]} />
          </tbody>
        </table>
      </div>
    </div>
  );
}

type ProbingRowProps = {
  name: string;
  majority: number;
  accuracy: readonly number[];
  rawAccuracy: number;
  latents: readonly number[];
};

function ProbingRow({ name, majority, accuracy, rawAccuracy, latents }: ProbingRowProps) {
  return (
    <tr>
      <th scope="row" className={tableStyles.stickyCell}>
        {name}
      </th>
      <td>{percent(majority)}</td>
      {accuracy.map((value, i) => (
        <td key={i}>{percent(value)}</td>
      ))}
      <td>{percent(rawAccuracy)}</td>
      <td>{latents.join(', ')}</td>
    </tr>
  );
}

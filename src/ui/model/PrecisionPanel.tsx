// The precision of the model's weights: what each one needs on this machine, the choice, and what the
// choice costs in validation loss, measured on request.
import type { PrecisionLoss, PrecisionNeeds } from '../../engine/model/api';
import type { WeightPrecision } from '../../core/model/weightPrecision';
import { bytes, count, measure, signedMeasure } from '../parts/text/numberText';
import { Term } from '../parts/text/Term';
import { ProblemNote } from '../parts/Messages';
import { ProgressBar } from '../parts/ProgressBar';
import { Segmented } from '../parts/fields/Segmented';
import { useActions, useAppState } from '../storeContext';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import dataStyles from '../parts/look/data.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import styles from './PrecisionPanel.module.css';
import { progressOf } from '../../store/progress';

const CHOICES: readonly { value: WeightPrecision | 'automatic'; label: string }[] = [
  { value: 'automatic', label: 'automatic' },
  { value: 'f32', label: 'f32' },
  { value: 'f16', label: 'f16' },
  { value: 'int8', label: 'int8' },
  { value: 'int4', label: 'int4' },
];

export function PrecisionPanel() {
  const needs = useAppState((state) => state.model.needs);
  const reason = useAppState((state) => state.model.open?.precisionReason ?? null);
  const precision = useAppState((state) => state.model.open?.precision ?? null);
  const chosen = useAppState((state) => state.model.chosenPrecision);
  const problem = useAppState((state) => state.model.precisionProblem);
  const actions = useActions();
  if (needs === null) return null;
  return (
    <section className={layoutStyles.panel} aria-labelledby="precision">
      <h2 id="precision">
        <Term of="Precision">Precision</Term> of the weights
      </h2>
      <Segmented
        label="Precision of the weights"
        value={chosen ?? 'automatic'}
        options={CHOICES}
        onChange={(value) => void actions.model.setPrecision(value === 'automatic' ? null : value)}
      />
      {precision !== null && (
        <p className={wordStyles.small} role="status">
          Runs in {precision}. <span className={wordStyles.muted}>{reason}</span>
        </p>
      )}
      <ProblemNote problem={problem} />
      <NeedsTable needs={needs} precision={precision} />
      {precision !== null && <Loss />}
    </section>
  );
}

function NeedsTable(o: { needs: PrecisionNeeds[]; precision: WeightPrecision | null }) {
  const refused = o.needs.flatMap(({ refusal }) => (refusal === null ? [] : [refusal]));
  return (
    <>
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        Memory that each choice takes, estimated from the model’s shapes.
      </p>
      <div
        className={classNames(dataStyles.scroll, styles.needs)}
        tabIndex={0}
        role="region"
        aria-label="Needs of each precision"
      >
        <table className={dataStyles.table}>
          <thead>
            <tr>
              <th scope="col">Precision</th>
              <th scope="col">Weights</th>
              <th scope="col">
                <Term of="Largest buffer" />
              </th>
              <th scope="col">
                <Term of="Cache" />
              </th>
              <th scope="col">
                <Term of="Working memory" />
              </th>
              <th scope="col">Here</th>
            </tr>
          </thead>
          <tbody>
            {o.needs.map((need) => (
              <tr key={need.precision} aria-current={need.precision === o.precision}>
                <th scope="row">{need.precision}</th>
                <td>{bytes(need.weights)}</td>
                <td>{bytes(need.largestBinding)}</td>
                <td>{bytes(need.cache)}</td>
                <td>{bytes(need.activations)}</td>
                <td>{verdict(need, o.precision)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {refused.map((reason) => (
        <p key={reason} className={classNames(wordStyles.muted, wordStyles.small)}>
          {reason}
        </p>
      ))}
    </>
  );
}

function verdict(need: PrecisionNeeds, inUse: WeightPrecision | null): string {
  if (need.refusal !== null) return 'not here';
  return need.precision === inUse ? 'in use' : 'fits';
}

function Loss() {
  const loss = useAppState((state) => state.model.loss);
  const progress = useAppState(progressOf('loss'));
  const actions = useActions();
  return (
    <div className={layoutStyles.stack}>
      <div>
        <button
          type="button"
          className={controlStyles.button}
          disabled={loss.measuring}
          onClick={() => void actions.model.measureLoss()}
        >
          Measure what it costs
        </button>
      </div>
      {progress !== null && <ProgressBar label="Validation loss" progress={progress} />}
      <ProblemNote problem={loss.problem} />
      {loss.value !== null && <p role="status">{lossText(loss.value)}</p>}
    </div>
  );
}

function lossText(loss: PrecisionLoss): string {
  const where = `on ${count(loss.tokens)} held-out tokens of ${loss.corpus}`;
  const own = `Loss ${measure(loss.nats)} nats a token in ${loss.precision} ${where}`;
  if (loss.precision === 'f32') return `${own}.`;
  if (loss.exactNats === null) return `${own}; in f32 the model does not fit this machine.`;
  const change = signedMeasure(loss.nats - loss.exactNats);
  return `${own}, ${measure(loss.exactNats)} in f32: ${change}.`;
}

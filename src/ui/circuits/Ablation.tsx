// What the graph predicts, beside what the model does with attention frozen and free: one feature switched off, or the
// order of fifty.
import { elementAt } from '../../core/elementAt';
import type { ShownNode } from '../../core/circuits/shownGraph';
import type { Circuit } from '../../engine/circuits/api';
import type { EffectCheck } from '../../store/circuits/circuitsState';
import { predictedOf, wordOf } from '../../store/circuits/circuitsSelectors';
import { ProblemNote } from '../parts/Messages';
import { measure, signedMeasure } from '../parts/text/numberText';
import { useActions, useAppState } from '../storeContext';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import dataStyles from '../parts/look/data.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import { Tracing } from './TraceForm';

export function Ablation({ circuit, node }: { circuit: Circuit; node: ShownNode }) {
  const effect = useAppState((state) => state.circuits.effects[node.id] ?? null);
  const isOpen = useAppState((state) => state.model.open?.id === circuit.modelId);
  const actions = useActions();
  const at = elementAt(node.members, 0);
  const expected = predictedOf(circuit, at);
  return (
    <div className={layoutStyles.stack}>
      <div className={layoutStyles.buttonRow}>
        <button
          type="button"
          className={controlStyles.button}
          disabled={!isOpen || effect?.status === 'loading'}
          onClick={() => void actions.circuits.check.ablate(node.id, at)}
        >
          Switch it off and see
        </button>
        {!isOpen && (
          <span className={classNames(wordStyles.muted, wordStyles.small)}>
            Open the graph’s model first.
          </span>
        )}
      </div>
      {effect?.status === 'loading' && <Tracing />}
      {effect?.status === 'failed' && <ProblemNote problem={effect.problem} />}
      {effect?.status === 'ready' && (
        <table className={dataStyles.table} aria-label="Change of each prediction without it">
          <thead>
            <tr>
              <th scope="col">Next word</th>
              <th scope="col">predicted</th>
              <th scope="col">attention frozen</th>
              <th scope="col">free</th>
            </tr>
          </thead>
          <tbody>
            {circuit.logits.map(({ token }, i) => (
              <tr key={token.tokenId}>
                <td>“{wordOf(token.text)}”</td>
                <td>{signedMeasure(elementAt(expected, i))}</td>
                <td>{signedMeasure(elementAt(effect.value.frozen, i))}</td>
                <td>{signedMeasure(elementAt(effect.value.free, i))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {effect?.status === 'ready' && (
        <p className={classNames(wordStyles.muted, wordStyles.small)}>
          Change of the logit, against the mean of all words. Predicted: by the links of the graph,
          in which everything else stays as it was. Then the real model: with attention frozen every
          word looks where it looked before and the rest answers; free, all of it does.
        </p>
      )}
    </div>
  );
}

export function OrderCheck() {
  const check = useAppState((state) => state.circuits.check);
  const actions = useActions();
  return (
    <div className={layoutStyles.stack}>
      <div>
        <button
          type="button"
          className={controlStyles.button}
          disabled={check.status === 'loading'}
          onClick={() => void actions.circuits.check.checkOrder()}
        >
          Check the graph against the model
        </button>
      </div>
      {check.status === 'loading' && <Tracing />}
      {check.status === 'failed' && <ProblemNote problem={check.problem} />}
      {check.status === 'ready' && <OrderTable check={check.value} />}
      {check.status === 'empty' && (
        <p className={classNames(wordStyles.muted, wordStyles.small)}>
          Switches a hundred features off, one after the other, and compares.
        </p>
      )}
    </div>
  );
}

function OrderTable({ check }: { check: EffectCheck }) {
  const rows = [
    { name: `the ${check.top.count} with most influence`, order: check.top },
    { name: `${check.others.count} others as active as they`, order: check.others },
  ];
  return (
    <>
      <table className={dataStyles.table} aria-label="Order of predicted and measured changes">
        <thead>
          <tr>
            <th scope="col">Features</th>
            <th scope="col">attention frozen</th>
            <th scope="col">free</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, order }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{measure(order.frozen)}</td>
              <td>{measure(order.free)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        Each switched off alone: how well the predicted changes of the likeliest word are in the
        order of the measured ones (rank correlation: 1 is the same order, 0 is chance).
      </p>
    </>
  );
}

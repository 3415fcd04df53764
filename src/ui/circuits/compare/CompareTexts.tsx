// Other texts beside this one: a paraphrase, another name. Which features of the graph stay is what one may trust.
import { useState } from 'react';
import { MOST_TEXTS } from '../../../store/circuits/checkActions';
import { stableCount } from '../../../store/circuits/circuitsSelectors';
import { percent } from '../../parts/text/numberText';
import { TextAreaField } from '../../parts/fields/TextAreaField';
import { ProblemNote } from '../../parts/Messages';
import { useActions, useAppState } from '../../storeContext';
import controlStyles from '../../parts/look/controls.module.css';
import dataStyles from '../../parts/look/data.module.css';
import layoutStyles from '../../parts/look/layout.module.css';
import { classNames } from '../../parts/look/classNames';
import besideStyles from './Beside.module.css';
import { Tracing } from '../TraceForm';

export function CompareTexts() {
  const others = useAppState((state) => state.circuits.others);
  const beside = useAppState((state) => state.circuits.beside);
  const stable = useAppState(stableCount);
  const [lines, setLines] = useState('');
  const actions = useActions();
  return (
    <section className={layoutStyles.panel} aria-labelledby="circuit-others">
      <h2 id="circuit-others">Other texts</h2>
      <TextAreaField
        id="circuit-other-texts"
        label="One text a line"
        help={`At most ${MOST_TEXTS}. Say the same in other words, or change a name: features that stay matter more than those that come and go.`}
        value={lines}
        onChange={setLines}
      />
      <div>
        <button
          type="button"
          className={controlStyles.button}
          disabled={lines.trim() === '' || others.status === 'loading'}
          onClick={() => void actions.circuits.check.compare(lines)}
        >
          Compare
        </button>
      </div>
      {others.status === 'loading' && <Tracing />}
      {others.status === 'failed' && <ProblemNote problem={others.problem} />}
      {others.status === 'ready' && (
        <table
          className={classNames(dataStyles.table, besideStyles.words)}
          aria-label="Features that stay in other texts"
        >
          <thead>
            <tr>
              <th scope="col">Text</th>
              <th scope="col">features that stay</th>
              <th scope="col">share</th>
              <th scope="col">draw</th>
            </tr>
          </thead>
          <tbody>
            {others.value.map(({ text, shared, own }, index) => (
              <tr key={text}>
                <td>{text}</td>
                <td>
                  {shared} of {own}
                </td>
                <td>{percent(own === 0 ? null : shared / own)}</td>
                <td>
                  <button
                    type="button"
                    className={controlStyles.button}
                    aria-pressed={beside === index}
                    aria-label={`Beside: ${text}`}
                    onClick={() =>
                      actions.circuits.check.putBeside(beside === index ? null : index)
                    }
                  >
                    Beside
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {others.status === 'ready' && others.value.length > 1 && stable !== null && (
        <p>
          <strong>{stable}</strong> of {others.value[0]?.own} features stay in every text.
        </p>
      )}
    </section>
  );
}

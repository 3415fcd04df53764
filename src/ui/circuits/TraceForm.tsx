// The text, what of its prediction is to be explained, Trace with progress and Cancel.
import { tracingBlock } from '../../store/circuits/circuitsSelectors';
import type { CircuitTarget } from '../../store/circuits/circuitsState';
import { progressOf } from '../../store/progress';
import { Field } from '../parts/fields/Field';
import { Segmented } from '../parts/fields/Segmented';
import { TextAreaField } from '../parts/fields/TextAreaField';
import { Icon } from '../parts/Icon';
import { ProblemNote } from '../parts/Messages';
import { ProgressBar } from '../parts/ProgressBar';
import { useActions, useAppState } from '../storeContext';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import inputStyles from '../parts/look/inputs.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import styles from './TraceForm.module.css';

const TARGETS: readonly { value: CircuitTarget; label: string }[] = [
  { value: 'likeliest', label: 'The likeliest words' },
  { value: 'token', label: 'One word' },
  { value: 'difference', label: 'One word, not another' },
];

export function TraceForm() {
  const prompt = useAppState((state) => state.circuits.prompt);
  const target = useAppState((state) => state.circuits.target);
  const blocked = useAppState(tracingBlock);
  const isBusy = useAppState((state) => state.circuits.circuit.status === 'loading');
  const failure = useAppState(({ circuits: { circuit } }) =>
    circuit.status === 'failed' ? circuit.problem : null,
  );
  const actions = useActions();
  return (
    <section className={layoutStyles.panel} aria-label="Text to explain">
      <TextAreaField
        id="circuit-prompt"
        label="Text"
        value={prompt}
        help="The graph explains which word comes next after it."
        onChange={(text) => actions.circuits.setForm({ prompt: text })}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey) return;
          event.preventDefault();
          void actions.circuits.trace();
        }}
      />
      <div className={classNames(layoutStyles.buttonRow, styles.target)}>
        <div className={inputStyles.field}>
          <span className={inputStyles.fieldLabel} aria-hidden="true">
            What to explain
          </span>
          <Segmented
            label="What to explain"
            value={target}
            options={TARGETS}
            onChange={(chosen) => actions.circuits.setForm({ target: chosen })}
          />
        </div>
        {target !== 'likeliest' && <WordField which="token" label="Word" />}
        {target === 'difference' && <WordField which="against" label="Not" />}
        <button
          type="button"
          className={classNames(controlStyles.button, controlStyles.primary)}
          disabled={isBusy || blocked !== null}
          onClick={() => void actions.circuits.trace()}
        >
          <Icon name="circuits" />
          Trace
        </button>
        {blocked !== null && (
          <span className={classNames(wordStyles.muted, wordStyles.small)}>{blocked}</span>
        )}
      </div>
      {isBusy && <Tracing />}
      <ProblemNote problem={failure} />
    </section>
  );
}

function WordField({ which, label }: { which: 'token' | 'against'; label: string }) {
  const value = useAppState((state) => state.circuits[which]);
  const actions = useActions();
  const id = `circuit-${which}`;
  return (
    <Field id={id} label={label}>
      <input
        id={id}
        className={inputStyles.input}
        size={10}
        value={value}
        onChange={(event) => actions.circuits.setForm({ [which]: event.target.value })}
      />
    </Field>
  );
}

export function Tracing() {
  const progress = useAppState((state) => progressOf('circuit')(state));
  const actions = useActions();
  if (progress === null) return <p className={wordStyles.muted}>Getting ready…</p>;
  return (
    <ProgressBar
      label="Circuit"
      progress={progress}
      onCancel={() => void actions.circuits.cancel()}
    />
  );
}

// What to measure: token budget, probing, Evaluate and Cancel, progress.
import { EVALUATION_BUDGETS } from '../../core/evaluate/evaluation';
import {
  chosenSaes,
  evaluationBlock,
  evaluationTokens,
} from '../../store/evaluate/evaluationSelectors';
import { openRows } from '../../store/model/openRows';
import type { CorpusFacts } from '../../engine/text/api';
import type { ProbingChoice } from '../../store/evaluate/evaluateState';
import { filesOfList } from '../files';
import { count } from '../parts/text/numberText';
import { Field, describedBy } from '../parts/fields/Field';
import { Icon } from '../parts/Icon';
import { ProblemNote } from '../parts/Messages';
import { ProgressBar } from '../parts/ProgressBar';
import { SelectField } from '../parts/fields/SelectField';
import { useActions, useAppState } from '../storeContext';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import inputStyles from '../parts/look/inputs.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import styles from './EvaluateForm.module.css';
import { progressOf } from '../../store/progress';

const BUDGET_NAMES = ['quick', 'usual', 'reference'] as const;
const budgets = (unit: string) =>
  EVALUATION_BUDGETS.map((tokens, i) => ({
    value: String(tokens),
    label: `${count(tokens)} ${unit} (${BUDGET_NAMES[i] ?? ''})`,
  }));

const probings = (hasRows: boolean): { value: ProbingChoice; label: string }[] => [
  { value: 'none', label: 'None' },
  {
    value: 'demo',
    label: hasRows ? 'The labels in rows.jsonl' : 'Kind of document, bundled corpus',
  },
  { value: 'file', label: 'My labelled .jsonl' },
];

/** Where the numbers are from, and how often each token is read. */
function measuredOn(text: CorpusFacts | null, hasRows: boolean): string {
  if (hasRows) {
    return 'From the held-out tenth of the rows. What a language model loses with the SAE in it (CE recovered, KL) stays empty: the one that the rows came from is not here.';
  }
  const where =
    text === null || text.isDemo ? 'the bundled corpus' : `${text.name}, chosen on Train`;
  return `From the held-out tenth of ${where}; fewer where it has fewer. The model reads each three times: as it is, through the SAE, and with nothing there.`;
}

export function EvaluateForm() {
  const tokens = useAppState(evaluationTokens);
  const probing = useAppState((state) => state.evaluate.probing);
  const busy = useAppState((state) => state.evaluate.busy);
  const text = useAppState(({ text }) => text.corpus);
  const actions = useActions();
  const hasRows = useAppState((state) => openRows(state) !== null);
  const choices = probings(hasRows);
  return (
    <section className={layoutStyles.panel} aria-labelledby="evaluate-form">
      <h2 id="evaluate-form">Measure</h2>
      <SelectField
        id="evaluation-tokens"
        label={hasRows ? 'Held-out rows' : 'Held-out tokens'}
        value={String(tokens)}
        options={budgets(hasRows ? 'rows' : 'tokens')}
        disabled={busy}
        onChange={(value) => actions.evaluate.setTokens(Number(value))}
        help={measuredOn(text, hasRows)}
      />
      <SelectField
        id="evaluation-probing"
        label="Test with labels (k-sparse probing)"
        value={probing}
        options={choices}
        disabled={busy}
        onChange={(value) => {
          const choice = choices.find((known) => known.value === value);
          if (choice !== undefined) actions.evaluate.setProbing(choice.value);
        }}
        help={`Can 1, 2 or 5 features alone tell ${hasRows ? 'the label of a row' : 'what kind of document it is'}? Compared with guessing, and with all activations.`}
      />
      {probing === 'file' && <ProbingFile busy={busy} />}
      <EvaluateButtons />
      <EvaluateProgress />
    </section>
  );
}

function ProbingFile({ busy }: { busy: boolean }) {
  const file = useAppState((state) => state.evaluate.probingFile);
  const textField = useAppState((state) => state.evaluate.textField);
  const labelField = useAppState((state) => state.evaluate.labelField);
  const hasRows = useAppState((state) => openRows(state) !== null);
  const actions = useActions();
  const field = (id: string, label: string, value: string, change: (value: string) => void) => (
    <Field id={id} label={label}>
      <input
        id={id}
        className={classNames(inputStyles.input, wordStyles.mono)}
        value={value}
        disabled={busy}
        aria-describedby={describedBy(id)}
        onChange={(event) => change(event.target.value)}
      />
    </Field>
  );
  return (
    <>
      <Field
        id="probing-file"
        label="Labelled file"
        help={
          file ??
          `One JSON object a line; 2 to 20 labels, 10 documents each.${hasRows ? ' Of rows the text is “row 17”.' : ''} Read here only.`
        }
      >
        <input
          id="probing-file"
          className={classNames(wordStyles.small, styles.file)}
          type="file"
          accept=".jsonl"
          disabled={busy}
          aria-describedby={describedBy('probing-file')}
          onChange={(event) => {
            const [chosen] = filesOfList(event.target.files ?? []);
            if (chosen !== undefined) actions.evaluate.setProbingFile(chosen);
          }}
        />
      </Field>
      <div className={layoutStyles.formGrid}>
        {field('probing-text', 'Text key', textField, (value) =>
          actions.evaluate.setProbingFields({ textField: value }),
        )}
        {field('probing-label', 'Label key', labelField, (value) =>
          actions.evaluate.setProbingFields({ labelField: value }),
        )}
      </div>
    </>
  );
}

function EvaluateButtons() {
  const busy = useAppState((state) => state.evaluate.busy);
  const ticked = useAppState((state) => chosenSaes(state).length);
  const listed = useAppState((state) => state.sae.list?.length ?? 0);
  const blocked = useAppState(evaluationBlock);
  const actions = useActions();
  if (busy) {
    return (
      <div className={layoutStyles.buttonRow}>
        <button
          type="button"
          className={controlStyles.button}
          onClick={() => void actions.evaluate.cancel()}
        >
          <Icon name="stop" />
          Cancel
        </button>
        <span className={wordStyles.reason}>What was measured is kept.</span>
      </div>
    );
  }
  const all = listed > 1 ? `all ${listed} SAEs` : 'this SAE';
  const which = ticked === listed ? all : `${ticked} of ${listed} SAEs`;
  return (
    <div className={layoutStyles.buttonRow}>
      <button
        type="button"
        className={classNames(controlStyles.button, controlStyles.primary)}
        disabled={blocked !== null}
        onClick={() => void actions.evaluate.start()}
      >
        <Icon name="play" />
        Evaluate {which}
      </button>
      {blocked !== null && <span className={wordStyles.reason}>{blocked}</span>}
    </div>
  );
}

function EvaluateProgress() {
  const progress = useAppState(progressOf('evaluation'));
  const busy = useAppState((state) => state.evaluate.busy);
  const problem = useAppState((state) => state.evaluate.problem);
  return (
    <>
      {progress !== null && <ProgressBar label="Evaluation" progress={progress} />}
      {busy && progress === null && (
        <p className={classNames(wordStyles.muted, wordStyles.small)}>
          The evaluation is about to start…
        </p>
      )}
      <ProblemNote problem={problem} />
    </>
  );
}

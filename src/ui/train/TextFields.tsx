// Which text to train on: the bundled corpus or the user's own, with facts about it.
import { useState } from 'react';
import { counted } from '../../core/text/counted';
import type { ModelFile, Problem, Progress } from '../../engine/shared/api';
import type { CorpusFacts } from '../../engine/text/api';
import { bugProblem } from '../../store/problems';
import { openRows } from '../../store/model/openRows';
import { heldRun } from '../../store/train/trainSelectors';
import { progressOf } from '../../store/progress';
import { corpusSize } from '../../store/train/trainingPlan';
import { saveBlob } from '../files';
import { count, measure } from '../parts/text/numberText';
import { DropZone } from '../parts/DropZone';
import { describedBy, Field } from '../parts/fields/Field';
import { Icon } from '../parts/Icon';
import { ProblemNote } from '../parts/Messages';
import { ProgressBar } from '../parts/ProgressBar';
import { RowsText } from '../parts/rows/RowsText';
import { TextAreaField } from '../parts/fields/TextAreaField';
import { useActions, useAppState } from '../storeContext';
import { SelfTextFields } from './SelfTextFields';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import dataStyles from '../parts/look/data.module.css';
import inputStyles from '../parts/look/inputs.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import tokenStyles from '../parts/tokens/tokens.module.css';
import styles from './TextFields.module.css';

export function TextFields() {
  const hasRows = useAppState((state) => openRows(state) !== null);
  return (
    <fieldset className={styles.fields}>
      <legend>{hasRows ? 'Rows, in the place of a text' : 'Text'}</legend>
      {hasRows ? <RowsText /> : <Text />}
    </fieldset>
  );
}

function Text() {
  const corpus = useAppState((state) => state.text.corpus);
  const progress = useAppState(progressOf('corpus'));
  const isHeld = useAppState((state) => heldRun(state) !== null);
  const actions = useActions();
  return (
    <>
      {corpus !== null && <TextFacts corpus={corpus} />}
      {progress !== null && (
        <ProgressBar
          label="Text"
          progress={progress}
          action={<StopWriting unit={progress.unit} />}
        />
      )}
      {corpus?.isDemo === false && (
        <div className={layoutStyles.buttonRow}>
          {!isHeld && (
            <button
              type="button"
              className={controlStyles.button}
              onClick={() => void actions.text.openDemo()}
            >
              Back to the bundled corpus
            </button>
          )}
          <Download name={corpus.name} />
        </div>
      )}
      {isHeld ? (
        <p className={wordStyles.reason}>A run is open: stop it before you choose another text.</p>
      ) : (
        <OwnText />
      )}
    </>
  );
}

/** Only a text that the model is writing is counted in tokens meanwhile. */
function StopWriting({ unit }: { unit: Progress['unit'] }) {
  const actions = useActions();
  if (unit !== 'tokens') return null;
  return (
    <div>
      <button
        type="button"
        className={controlStyles.button}
        onClick={() => void actions.text.stopWriting()}
      >
        Stop and keep it
      </button>
    </div>
  );
}

function Download({ name }: { name: string }) {
  const actions = useActions();
  const download = async () => {
    const blob = await actions.text.exportText();
    if (blob !== null) saveBlob(blob, `${name.replace(/\.\w+$/, '')}.jsonl`);
  };
  return (
    <button type="button" className={controlStyles.button} onClick={() => void download()}>
      <Icon name="download" />
      Download .jsonl
    </button>
  );
}

function timesText(epochs: number): string {
  return epochs < 1 ? 'in part' : `${measure(epochs)} times over`;
}

function TextFacts({ corpus }: { corpus: CorpusFacts }) {
  const budget = useAppState((state) => state.train.form.tokens);
  const isForRun = useAppState((state) => state.shell.view === 'train');
  const size = corpusSize(corpus, budget);
  return (
    <>
      <p>
        {corpus.isDemo ? (
          'The bundled corpus, which the demo model wrote itself.'
        ) : (
          <span className={classNames(wordStyles.mono, wordStyles.wrapAnywhere)}>
            {corpus.name}
          </span>
        )}{' '}
        <span className={wordStyles.muted}>It stays on this device.</span>
      </p>
      <p
        className={classNames(wordStyles.muted, wordStyles.small)}
        title="A tenth of the documents is held out to measure on"
      >
        {counted(corpus.documents, 'document')},{' '}
        {size.isCounted ? count(size.tokens) : `about ${measure(size.tokens)}`} tokens
        {isForRun && `; the run reads them ${timesText(size.epochs)}`}.
      </p>
      {corpus.notes.map((note) => (
        <p key={note} className={wordStyles.small} role="status">
          {note}
        </p>
      ))}
      <details className={dataStyles.details}>
        <summary>How it begins</summary>
        <p className={classNames(tokenStyles.textBox, wordStyles.small, styles.sample)}>
          {corpus.sample}
        </p>
      </details>
    </>
  );
}

/** The last chosen files, so that another field can be tried on them. */
type Choice = { files: ModelFile[] } | { text: string };

function OwnText() {
  const opened = useAppState((state) => state.text.problem);
  const opening = useAppState((state) => state.text.opening);
  const actions = useActions();
  const [field, setField] = useState('text');
  const [choice, setChoice] = useState<Choice | null>(null);
  const [unread, setUnread] = useState<Problem | null>(null);
  const files = choice !== null && 'files' in choice ? choice.files : null;
  const read = (chosen: ModelFile[]) => {
    setUnread(null);
    setChoice({ files: chosen });
    void actions.text.openFiles(chosen, field);
  };
  const problem = unread ?? opened;
  return (
    <>
      <ProblemNote problem={problem}>
        {files !== null && opened !== null && (
          <button type="button" className={controlStyles.button} onClick={() => read(files)}>
            Read again
          </button>
        )}
      </ProblemNote>
      <details className={classNames(dataStyles.details, styles.ownText)}>
        <summary>Use your own text</summary>
        <div className={layoutStyles.stack}>
          <Field
            id="text-field"
            label="Field"
            help="Key in .jsonl and column in .parquet files that holds the text"
          >
            <input
              id="text-field"
              className={inputStyles.input}
              value={field}
              spellCheck={false}
              aria-describedby={describedBy('text-field')}
              onChange={(event) => setField(event.target.value)}
            />
          </Field>
          <DropZone
            label="Your own text"
            accept=".txt,.md,.jsonl,.parquet"
            offersFolder
            onFiles={read}
            onFailure={(cause) => setUnread(bugProblem(cause))}
          >
            <p>
              Drop <code>.txt</code>, <code>.md</code>, <code>.jsonl</code> or <code>.parquet</code>{' '}
              files here, or a folder of them.
            </p>
            <p className={classNames(wordStyles.muted, wordStyles.small)}>
              Files of any size: of more than 40 million characters (about 10 million tokens),
              pieces spread evenly over all of them are used, and the share is told. A form feed, or
              a line <code>&lt;|endoftext|&gt;</code>, parts documents of plain text; one longer
              than 4,096 characters is cut at line ends.
            </p>
          </DropZone>
          <PasteBox
            disabled={opening}
            onPaste={(text) => {
              setUnread(null);
              setChoice({ text });
              void actions.text.paste(text);
            }}
          />
          <SelfTextFields />
        </div>
      </details>
    </>
  );
}

type PasteBoxProps = { disabled: boolean; onPaste: (text: string) => void };

function PasteBox({ disabled, onPaste }: PasteBoxProps) {
  const [draft, setDraft] = useState('');
  return (
    <>
      <TextAreaField
        id="pasted-text"
        label="Or paste"
        help="A run needs at least some 20,000 characters, a tenth of them held out."
        rows={4}
        value={draft}
        onChange={setDraft}
      />
      <div>
        <button
          type="button"
          className={controlStyles.button}
          disabled={disabled || draft.trim() === ''}
          onClick={() => onPaste(draft)}
        >
          Use this text
        </button>
      </div>
    </>
  );
}

// The text that is read: its tokens to click, the same as a box to type in, and what the model can do with it.
import { useMemo, useRef, useState } from 'react';
import { shownToken, startReading, startText, tokenShades } from '../../store/start/startSelectors';
import { engineBlock } from '../../store/model/modelBlock';
import { generationBlock } from '../../store/generate/generateSelectors';
import { CopyLink } from '../parts/buttons/CopyLink';
import { ProblemNote } from '../parts/Messages';
import { TokenRow } from '../parts/tokens/TokenRow';
import type { TokenMark } from '../parts/tokens/tokenMark';
import { spokenToken } from '../parts/tokens/tokenText';
import { useActions, useAppState } from '../storeContext';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import inputStyles from '../parts/look/inputs.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import tokenStyles from '../parts/tokens/tokens.module.css';
import styles from './ReadText.module.css';

export function ReadText() {
  const [isEditing, setEditing] = useState(false);
  const toggle = useRef<HTMLButtonElement>(null);
  const problem = useAppState((state) => state.start.problem);
  const actions = useActions();
  const close = () => {
    setEditing(false);
    toggle.current?.focus();
  };
  return (
    <section className={styles.read} aria-label="Your text">
      {isEditing && <Editor onClose={close} />}
      <Tokens />
      <ProblemNote problem={problem} />
      <div className={layoutStyles.buttonRow}>
        <WriteOn />
        <button
          ref={toggle}
          type="button"
          className={controlStyles.button}
          aria-expanded={isEditing}
          onClick={() => {
            if (!isEditing) void actions.start.warm();
            setEditing(!isEditing);
          }}
        >
          {isEditing ? 'Done' : 'Your own text'}
        </button>
        <CopyLink />
        <Reading />
        <TrainOwn />
      </div>
    </section>
  );
}

/** Enter and Esc end it: what was typed has been read meanwhile. */
function Editor({ onClose }: { onClose: () => void }) {
  const text = useAppState((state) => startText(state.start));
  const actions = useActions();
  return (
    <textarea
      className={classNames(inputStyles.input, styles.editor)}
      aria-label="Text to read"
      rows={2}
      autoFocus
      value={text}
      onChange={(event) => actions.start.setText(event.target.value)}
      onKeyDown={(event) => {
        const isDone = event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing;
        if (!isDone && event.key !== 'Escape') return;
        event.preventDefault();
        onClose();
      }}
    />
  );
}

function Tokens() {
  const reading = useAppState(startReading);
  const text = useAppState((state) => startText(state.start));
  const token = useAppState(shownToken);
  const shades = useAppState(tokenShades);
  const written = useAppState((state) => state.start.writing);
  const actions = useActions();
  const toMark = useMemo(() => {
    const fills = shades.split(' ').map(Number);
    return (shown: { text: string }, index: number): TokenMark => {
      const fill = fills[index] ?? 0;
      return {
        text: shown.text,
        name: spokenToken(shown.text),
        details: [],
        ...(fill > 0 && {
          className: tokenStyles.filled,
          style: { '--u': fill } as React.CSSProperties,
        }),
      };
    };
  }, [shades]);
  if (text === '') return <p className={styles.text}>…</p>;
  // What is not read yet has no tokens to click.
  if (reading?.text !== text) return <p className={styles.text}>{text}</p>;
  return (
    <div className={styles.text}>
      <TokenRow
        label="Words of the text"
        className={classNames(tokenStyles.tokens, tokenStyles.inline, styles.row)}
        tokens={reading.tokens}
        toMark={toMark}
        picked={token}
        onPick={actions.start.choose}
        hasTip={false}
      />
      {written !== null && (
        <span className={styles.written}>
          {written.lanes.baseline.map((made) => made.text).join('')}
        </span>
      )}
    </div>
  );
}

function WriteOn() {
  const isWriting = useAppState((state) => state.start.writing?.running === true);
  const blocked = useAppState(generationBlock);
  const actions = useActions();
  return (
    <button
      type="button"
      className={controlStyles.button}
      disabled={blocked !== null}
      title={blocked ?? 'The model continues the text'}
      onClick={() => void (isWriting ? actions.start.stopWriting() : actions.start.writeOn())}
    >
      {isWriting ? 'Stop' : 'Write on'}
    </button>
  );
}

/** What one waits for, if anything. */
function Reading() {
  const isUnread = useAppState(
    (state) => startReading(state)?.text !== startText(state.start) && state.start.problem === null,
  );
  const waits = useAppState((state) => state.model.open === null);
  if (!isUnread) return null;
  return (
    <span className={wordStyles.reason} role="status">
      {waits ? 'Is read once the model is here…' : 'Reading…'}
    </span>
  );
}

function TrainOwn() {
  const blocked = useAppState(engineBlock);
  const actions = useActions();
  return (
    <button
      type="button"
      disabled={blocked !== null}
      title={blocked ?? 'Finds features of your own in this model, here in the browser'}
      className={classNames(controlStyles.button, controlStyles.primary, styles.train)}
      onClick={() => void actions.start.trainOwn()}
    >
      Train your own · 1 min
    </button>
  );
}

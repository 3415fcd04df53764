// Search by text: the user's text goes through model and SAE on this device, and the table keeps the features
// that fire on them. A token of the text can be clicked to rank by it.
import { useAppState, useActions } from '../../storeContext';
import type { TextRank, TextSearch as Search } from '../../../store/explore/tableFilter';
import { MAX_SHARED_TEXT } from '../../../core/share/shareState';
import { generationBlock } from '../../../store/generate/generateSelectors';
import { progressOf } from '../../../store/progress';
import { count } from '../../parts/numberText';
import { Note, ProblemNote } from '../../parts/Messages';
import { ProgressBar } from '../../parts/ProgressBar';
import { Segmented } from '../../parts/fields/Segmented';
import { chipGlyphs, spokenToken } from '../../parts/tokens/tokenText';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import inputStyles from '../../parts/look/inputs.module.css';
import layoutStyles from '../../parts/look/layout.module.css';
import wordStyles from '../../parts/look/words.module.css';
import styles from './TextSearch.module.css';

const RANKS: readonly { value: TextRank; label: string }[] = [
  { value: 'max', label: 'Max' },
  { value: 'mean', label: 'Mean' },
  { value: 'count', label: 'Tokens' },
];

export function TextSearch() {
  const inText = useAppState((state) => state.explore.filter.inText);
  const found = useAppState((state) => state.explore.textSearch.found);
  return (
    <details className={styles.search} open={inText ? true : undefined}>
      <summary>Find features by a text</summary>
      <div className={layoutStyles.stack}>
        <TextForm />
        {inText && found.status === 'loading' && <Reading />}
        {inText && found.status === 'failed' && <ProblemNote problem={found.problem} />}
        {inText && found.status === 'ready' && <Found found={found} />}
      </div>
    </details>
  );
}

function TextForm() {
  const text = useAppState((state) => state.explore.text);
  const inText = useAppState((state) => state.explore.filter.inText);
  const isReading = useAppState((state) => state.explore.textSearch.found.status === 'loading');
  const blocked = useAppState(generationBlock);
  const actions = useActions();
  const isReady = text.trim() !== '' && blocked === null && !isReading;
  return (
    <form
      className={layoutStyles.stack}
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) void actions.explore.table.findByText();
      }}
    >
      <textarea
        className={inputStyles.input}
        rows={2}
        aria-label="Text to find features by"
        placeholder="Type a sentence. It stays on this device."
        maxLength={MAX_SHARED_TEXT}
        value={text}
        onChange={(event) => actions.explore.probe.setText(event.target.value)}
      />
      <div className={layoutStyles.buttonRow}>
        <button type="submit" className={controlStyles.button} disabled={!isReady}>
          Find features for this text
        </button>
        {inText && !isReading && (
          <button
            type="button"
            className={classNames(controlStyles.button, controlStyles.quiet)}
            onClick={actions.explore.table.leaveText}
          >
            Leave this search
          </button>
        )}
      </div>
      {blocked !== null && (
        <p className={classNames(wordStyles.muted, wordStyles.small)}>{blocked}</p>
      )}
    </form>
  );
}

function Reading() {
  const progress = useAppState(progressOf('text'));
  const actions = useActions();
  const cancel = (
    <div>
      <button
        type="button"
        className={controlStyles.button}
        onClick={() => void actions.explore.table.cancelFindByText()}
      >
        Cancel
      </button>
    </div>
  );
  if (progress !== null) return <ProgressBar label="Text" progress={progress} action={cancel} />;
  return (
    <div role="status">
      <p className={wordStyles.muted}>Reading the text…</p>
      {cancel}
    </div>
  );
}

function Found({ found }: { found: Extract<Search['found'], { status: 'ready' }> }) {
  const { rank, token, hidesDense } = useAppState((state) => state.explore.textSearch);
  const typed = useAppState((state) => state.explore.text);
  const actions = useActions();
  const { value } = found;
  const firing = value.saes[0]?.latents.length ?? 0;
  return (
    <div className={layoutStyles.stack}>
      <p className={wordStyles.small}>
        {count(firing)} features fire on {count(value.tokens.length)} tokens.
        {value.leftOut > 0 && ` ${count(value.leftOut)} more tokens were not read.`}
        {typed !== found.text && ' The text has changed since: search again.'}
      </p>
      {firing === 0 && <Note>No feature fires on this text.</Note>}
      <TokenChoice found={found} />
      <div className={layoutStyles.toolRow}>
        <Segmented
          label="Rank by"
          value={token === null ? rank : null}
          options={RANKS}
          onChange={actions.explore.table.setTextRank}
        />
        <label className={classNames(controlStyles.check, wordStyles.small)}>
          <input
            type="checkbox"
            checked={hidesDense}
            onChange={(event) => actions.explore.table.setHidesDense(event.target.checked)}
          />
          Hide features that fire on more than 1 % of the corpus
        </label>
      </div>
    </div>
  );
}

function TokenChoice({ found }: { found: Extract<Search['found'], { status: 'ready' }> }) {
  const token = useAppState((state) => state.explore.textSearch.token);
  const actions = useActions();
  return (
    <div
      className={styles.tokens}
      role="group"
      aria-label="Tokens of the text; press one to rank by it"
    >
      {found.value.tokens.map(({ text }, at) => (
        <button
          key={at}
          type="button"
          className={classNames(styles.token, wordStyles.mono)}
          aria-pressed={token === at}
          aria-label={`Rank by token ${at + 1}, ${spokenToken(text)}`}
          onClick={() => actions.explore.table.rankByToken(token === at ? null : at)}
        >
          {chipGlyphs(text)}
        </button>
      ))}
    </div>
  );
}

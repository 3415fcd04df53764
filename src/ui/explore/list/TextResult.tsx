// A text that features were searched by: its tokens in one line, each of which can be pressed to rank by it.
import { counted } from '../../../core/text/counted';
import type { TextRank, TextSearch } from '../../../store/explore/tableFilter';
import { progressOf } from '../../../store/progress';
import { count } from '../../parts/text/numberText';
import { Note, ProblemNote } from '../../parts/Messages';
import { ProgressBar } from '../../parts/ProgressBar';
import { openUnit } from '../../../store/model/openRows';
import { chipGlyphs, spokenToken } from '../../parts/tokens/tokenText';
import { useActions, useAppState } from '../../storeContext';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import wordStyles from '../../parts/look/words.module.css';
import styles from './TextResult.module.css';

const RANKS: readonly { value: TextRank; label: string; isOfUnit?: true }[] = [
  { value: 'max', label: 'highest' },
  { value: 'mean', label: 'mean' },
  { value: 'count', label: 'number of', isOfUnit: true },
];

export function TextResult() {
  const inText = useAppState((state) => state.explore.filter.inText);
  const found = useAppState((state) => state.explore.textSearch.found);
  if (!inText) return null;
  switch (found.status) {
    case 'empty':
      return null;
    case 'loading':
      return <Reading />;
    case 'failed':
      return <ProblemNote problem={found.problem} />;
    case 'ready':
      return <Found found={found} />;
    default:
      return found satisfies never;
  }
}

function Reading() {
  const progress = useAppState(progressOf('text'));
  const actions = useActions();
  const cancel = (
    <button
      type="button"
      className={classNames(controlStyles.button, controlStyles.smallButton)}
      onClick={() => void actions.explore.table.cancelFindByText()}
    >
      Cancel
    </button>
  );
  if (progress !== null) return <ProgressBar label="Text" progress={progress} action={cancel} />;
  return (
    <div role="status" className={styles.row}>
      <p className={classNames(wordStyles.muted, wordStyles.small)}>Reading the text…</p>
      {cancel}
    </div>
  );
}

type Ready = Extract<TextSearch['found'], { status: 'ready' }>;

function Found({ found }: { found: Ready }) {
  const { rank, token, hidesDense } = useAppState((state) => state.explore.textSearch);
  const unit = useAppState(openUnit);
  const { setTextRank, setHidesDense } = useActions().explore.table;
  const { value } = found;
  const firing = value.saes[0]?.latents.length ?? 0;
  if (firing === 0) return <Note>No feature fires on this text.</Note>;
  return (
    <div className={styles.result}>
      <Tokens found={found} />
      <div className={classNames(styles.row, wordStyles.small)}>
        <span>
          {counted(firing, 'feature fires', 'features fire')} on{' '}
          {counted(value.tokens.length, unit)}
          {value.leftOut > 0 && `; ${count(value.leftOut)} more were not read`}
        </span>
        <label className={styles.rank}>
          by{' '}
          <select
            aria-label="Rank by"
            value={token === null ? rank : 'token'}
            onChange={(event) => {
              const chosen = RANKS.find(({ value: known }) => known === event.target.value);
              if (chosen !== undefined) setTextRank(chosen.value);
            }}
          >
            {RANKS.map(({ value: known, label, isOfUnit }) => (
              <option key={known} value={known}>
                {isOfUnit === true ? `${label} ${unit}s` : label}
              </option>
            ))}
            {token !== null && <option value="token">{`${unit} ${token + 1}`}</option>}
          </select>
        </label>
        <label className={styles.dense}>
          <input
            type="checkbox"
            checked={hidesDense}
            onChange={(event) => setHidesDense(event.target.checked)}
          />
          only those that fire on 1 % of the {unit === 'row' ? 'rows' : 'corpus'} at most
        </label>
      </div>
    </div>
  );
}

function Tokens({ found }: { found: Ready }) {
  const token = useAppState((state) => state.explore.textSearch.token);
  const unit = useAppState(openUnit);
  const actions = useActions();
  return (
    <div
      className={styles.tokens}
      role="group"
      aria-label={
        unit === 'row'
          ? 'Rows found; press one to rank by it'
          : 'Tokens of the text; press one to rank by it'
      }
    >
      {found.value.tokens.map(({ text }, at) => (
        <button
          key={at}
          type="button"
          className={classNames(styles.token, wordStyles.mono)}
          aria-pressed={token === at}
          aria-label={`Rank by ${unit} ${at + 1}, ${spokenToken(text)}`}
          onClick={() => actions.explore.table.rankByToken(token === at ? null : at)}
        >
          {chipGlyphs(text)}
        </button>
      ))}
    </div>
  );
}

// One line that finds features: by number, name, note or a word they fire on at each key; by a quoted text, which the
// model has to read first, on Enter.
import { useState } from 'react';
import { MAX_SHARED_TEXT } from '../../../core/share/shareState';
import { cutCharacters } from '../../../core/text/cutCharacters';
import { generationBlock } from '../../../store/generate/generateSelectors';
import { useActions, useAppState } from '../../storeContext';
import { classNames } from '../../parts/look/classNames';
import inputStyles from '../../parts/look/inputs.module.css';
import wordStyles from '../../parts/look/words.module.css';
import styles from './SearchLine.module.css';

const QUOTES = /^["“”„«']/;

/** The text inside the quotes, the last of which may be missing; null: it is not quoted. */
function quotedText(typed: string): string | null {
  if (!QUOTES.test(typed.trimStart())) return null;
  return typed
    .trimStart()
    .slice(1)
    .replace(/["“”»']\s*$/, '')
    .trim();
}

export function SearchLine() {
  const search = useAppState((state) => state.explore.search);
  const inText = useAppState((state) => state.explore.filter.inText);
  const text = useAppState(({ explore: { textSearch, text } }) =>
    textSearch.found.status === 'ready' ? textSearch.found.text : text,
  );
  const block = useAppState(generationBlock);
  const actions = useActions();
  /** what is typed of a quoted text; null: nothing that differs from what is shown */
  const [draft, setDraft] = useState<string | null>(null);
  const shown = draft ?? (inText ? `“${text}”` : search);
  const quoted = draft === null ? null : quotedText(draft);
  function type(next: string) {
    if (quotedText(next) !== null) {
      setDraft(next);
      return;
    }
    setDraft(null);
    if (inText) actions.explore.table.leaveText();
    actions.explore.table.setSearch(next);
  }
  function find() {
    if (quoted === null || quoted === '' || block !== null) return;
    actions.explore.table.setSearch('');
    actions.explore.probe.setText(cutCharacters(quoted, MAX_SHARED_TEXT));
    setDraft(null);
    void actions.explore.table.findByText();
  }
  return (
    <form
      className={styles.line}
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        find();
      }}
    >
      <input
        className={classNames(inputStyles.input, styles.input)}
        type="search"
        placeholder="Find features"
        title="Name, number, note or token, or a text in quotes: which features fire on it"
        aria-label="Search features by name, number, note or token, or by a text in quotes"
        aria-describedby={quoted === null ? undefined : 'search-hint'}
        data-shortcut="search"
        value={shown}
        onChange={(event) => type(event.target.value)}
      />
      {quoted !== null && (
        <span id="search-hint" className={classNames(styles.hint, wordStyles.muted)} role="status">
          {block ?? 'Enter finds what fires on this text'}
        </span>
      )}
    </form>
  );
}

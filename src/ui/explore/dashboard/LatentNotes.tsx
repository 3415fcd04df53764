// The user's notes on a latent: star, label, tags, note. Stored in this browser, exported with dashboards.
import { useState } from 'react';
import { MAX_LABEL, MAX_NOTE } from '../../../core/statistics/noteLimits';
import type { LatentNote } from '../../../engine/statistics/api';
import { emptyNote } from '../../../store/statistics/noteActions';
import { Icon } from '../../parts/Icon';
import { ProblemNote } from '../../parts/Messages';
import { useActions, useAppState } from '../../storeContext';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import dataStyles from '../../parts/look/data.module.css';
import inputStyles from '../../parts/look/inputs.module.css';
import layoutStyles from '../../parts/look/layout.module.css';
import wordStyles from '../../parts/look/words.module.css';
import styles from './LatentNotes.module.css';

export function LatentNotes({ latentIndex }: { latentIndex: number }) {
  const kept = useAppState((state) => state.statistics.notes.byLatent[latentIndex]);
  const problem = useAppState((state) => state.statistics.notes.problem);
  const isSaving = useAppState((state) => state.statistics.notes.saving > 0);
  const note = kept ?? emptyNote(latentIndex);
  const actions = useActions();
  const change = (part: Partial<LatentNote>) =>
    void actions.statistics.notes.set({ ...note, ...part });
  return (
    <div className={styles.notes}>
      <div className={styles.line}>
        <button
          type="button"
          className={
            note.isStarred
              ? classNames(
                  controlStyles.button,
                  controlStyles.quiet,
                  controlStyles.icon,
                  styles.starred,
                )
              : classNames(controlStyles.button, controlStyles.quiet, controlStyles.icon)
          }
          aria-pressed={note.isStarred}
          aria-label="Star this feature"
          title="Star (f)"
          onClick={() => void actions.statistics.notes.toggleStar(latentIndex)}
        >
          <Icon name="star" />
        </button>
        <Draft
          label="Your label"
          placeholder="Label it"
          maxLength={MAX_LABEL}
          value={note.label}
          onKeep={(label) => change({ label })}
        />
        {isSaving && <span className={wordStyles.muted}>Saving…</span>}
      </div>
      <NoteField note={note} onKeep={change} />
      <ProblemNote problem={problem} />
    </div>
  );
}

function NoteField({
  note,
  onKeep,
}: {
  note: LatentNote;
  onKeep: (part: Partial<LatentNote>) => void;
}) {
  const [text, setText] = useState<string | null>(null);
  return (
    <details
      className={dataStyles.details}
      open={note.note !== '' || note.tags.length > 0 ? true : undefined}
    >
      <summary data-shortcut="note">Note and tags</summary>
      <div className={layoutStyles.stack}>
        <Draft
          label="Tags, separated by commas"
          placeholder="Tags, separated by commas"
          maxLength={400}
          value={note.tags.join(', ')}
          onKeep={(tags) => onKeep({ tags: tags.split(',').map((tag) => tag.trim()) })}
        />
        <textarea
          className={inputStyles.input}
          aria-label="Note"
          placeholder="What you saw, why you believe it"
          rows={3}
          maxLength={MAX_NOTE}
          value={text ?? note.note}
          onChange={(event) => setText(event.target.value)}
          onBlur={() => {
            if (text !== null && text !== note.note) onKeep({ note: text });
            setText(null);
          }}
        />
      </div>
    </details>
  );
}

type DraftProps = {
  label: string;
  placeholder: string;
  maxLength: number;
  value: string;
  onKeep: (value: string) => void;
};

/** Saved with Enter or on leaving the field. */
function Draft({ label, placeholder, maxLength, value, onKeep }: DraftProps) {
  const [draft, setDraft] = useState<string | null>(null);
  function keep() {
    if (draft !== null && draft !== value) onKeep(draft);
    setDraft(null);
  }
  return (
    <input
      className={inputStyles.input}
      type="text"
      aria-label={label}
      placeholder={placeholder}
      maxLength={maxLength}
      value={draft ?? value}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={keep}
      onKeyDown={(event) => {
        if (event.key === 'Enter') keep();
      }}
    />
  );
}

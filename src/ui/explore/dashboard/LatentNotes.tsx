// The user's own words on a latent: label, tags, note. Stored in this browser, exported with dashboards.
import { useState } from 'react';
import { MAX_LABEL, MAX_NOTE } from '../../../core/statistics/noteLimits';
import type { LatentNote } from '../../../engine/statistics/api';
import { emptyNote } from '../../../store/statistics/noteActions';
import { ProblemNote } from '../../parts/Messages';
import { useActions, useAppState } from '../../storeContext';
import { classNames } from '../../parts/look/classNames';
import dataStyles from '../../parts/look/data.module.css';
import inputStyles from '../../parts/look/inputs.module.css';
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
    <>
      <KeptWords note={note} />
      <details className={dataStyles.details}>
        <summary data-shortcut="note">Name it, note, tags{isSaving && ' · Saving…'}</summary>
        <div className={styles.notes}>
          <Draft
            label="Your label"
            placeholder="Your own name for it"
            maxLength={MAX_LABEL}
            value={note.label}
            onKeep={(label) => change({ label })}
          />
          <Draft
            label="Tags, separated by commas"
            placeholder="Tags, separated by commas"
            maxLength={400}
            value={note.tags.join(', ')}
            onKeep={(tags) => change({ tags: tags.split(',').map((tag) => tag.trim()) })}
          />
          <NoteField note={note} onKeep={change} />
        </div>
        <ProblemNote problem={problem} />
      </details>
    </>
  );
}

/** Read before it is changed: the fields are folded away. */
function KeptWords({ note }: { note: LatentNote }) {
  if (note.note === '' && note.tags.length === 0) return null;
  return (
    <p className={styles.kept}>
      {note.note}
      {note.tags.map((tag) => (
        <span className={styles.tag} key={tag}>
          {tag}
        </span>
      ))}
    </p>
  );
}

type NoteFieldProps = { note: LatentNote; onKeep: (part: Partial<LatentNote>) => void };

function NoteField({ note, onKeep }: NoteFieldProps) {
  const [text, setText] = useState<string | null>(null);
  return (
    <textarea
      className={classNames(inputStyles.input, styles.wide)}
      aria-label="Note"
      placeholder="What you saw, why you believe it"
      rows={2}
      maxLength={MAX_NOTE}
      value={text ?? note.note}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => {
        if (text !== null && text !== note.note) onKeep({ note: text });
        setText(null);
      }}
    />
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

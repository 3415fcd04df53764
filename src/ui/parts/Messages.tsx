// Problems with their way out, and notices. Never a modal.
import type { ReactNode } from 'react';
import type { Problem } from '../../engine/shared/api';
import { classNames } from './look/classNames';
import { sentence } from './text/sentence';
import controlStyles from './look/controls.module.css';
import styles from './Messages.module.css';

type ProblemNoteProps = { problem: Problem | null; children?: ReactNode };

/** children: a button that acts on it. */
export function ProblemNote({ problem, children }: ProblemNoteProps) {
  if (problem === null) return null;
  return (
    <div className={styles.problem} role="alert">
      <div className={styles.text}>
        <p className={styles.what}>{sentence(problem.what)}</p>
        <p className={styles.way}>{problem.wayOut}</p>
      </div>
      {children}
    </div>
  );
}

type NoteProps = { children: ReactNode; onDismiss?: () => void };

export function Note({ children, onDismiss }: NoteProps) {
  return (
    <div className={styles.note} role="status">
      <div className={styles.text}>{children}</div>
      {onDismiss !== undefined && (
        <button
          type="button"
          className={classNames(controlStyles.button, controlStyles.quiet)}
          onClick={onDismiss}
        >
          Dismiss
        </button>
      )}
    </div>
  );
}

// What went wrong with its way out, and what is merely good to know. Never a modal.
import type { ReactNode } from 'react';
import type { Problem } from '../../engine/shared/api';

type ProblemNoteProps = { problem: Problem | null; children?: ReactNode };

/** children: a button that acts on it. */
export function ProblemNote({ problem, children }: ProblemNoteProps) {
  if (problem === null) return null;
  return (
    <div className="problem" role="alert">
      <div className="problem-text">
        <p className="problem-what">{problem.what}</p>
        <p className="problem-way">{problem.wayOut}</p>
      </div>
      {children}
    </div>
  );
}

type NoteProps = { children: ReactNode; onDismiss?: () => void };

export function Note({ children, onDismiss }: NoteProps) {
  return (
    <div className="note" role="status">
      <div className="problem-text">{children}</div>
      {onDismiss !== undefined && (
        <button type="button" className="button quiet" onClick={onDismiss}>
          Dismiss
        </button>
      )}
    </div>
  );
}

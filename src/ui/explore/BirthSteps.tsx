// Progress of reading when features were born, or that it was cancelled or failed; the result is a table
// column.
import { ProblemNote } from '../parts/Messages';
import { ProgressBar } from '../parts/ProgressBar';
import { useActions, useAppState } from '../storeContext';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import { progressOf } from '../../store/progress';

/** Shorter work would only flash (interface.md 8). */
const LONG_MS = 1000;

export function BirthSteps() {
  const steps = useAppState(({ explore }) => explore.births?.steps ?? null);
  const actions = useActions();
  switch (steps?.status) {
    case 'loading':
      return <Reading />;
    case 'empty':
      return (
        <div className={layoutStyles.buttonRow}>
          <span className={classNames(wordStyles.muted, wordStyles.small)}>
            The steps at which features were born were not read.
          </span>
          <button
            type="button"
            className={classNames(controlStyles.button, controlStyles.smallButton)}
            onClick={() => void actions.explore.births.load()}
          >
            Read it
          </button>
        </div>
      );
    case 'failed':
      return (
        <ProblemNote problem={steps.problem}>
          <button
            type="button"
            className={controlStyles.button}
            onClick={() => void actions.explore.births.load()}
          >
            Retry
          </button>
        </ProblemNote>
      );
    case 'ready':
    case undefined:
      return null;
    default:
      return steps satisfies never;
  }
}

function Reading() {
  const progress = useAppState(progressOf('births'));
  const actions = useActions();
  if (progress === null || progress.updatedAt - progress.startedAt < LONG_MS) return null;
  return (
    <ProgressBar
      label="Birth steps"
      progress={progress}
      onCancel={() => void actions.explore.births.cancel()}
    />
  );
}

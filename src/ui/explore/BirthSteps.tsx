// Reading when features were born, where it takes long, was cancelled or failed; otherwise the table's column says it.
import { ProblemNote } from '../parts/Messages';
import { ProgressBar } from '../parts/ProgressBar';
import { useActions, useFacts } from '../storeContext';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import { progressOf } from '../../store/selectors';

/** What is shorter would only flash (interface.md 8). */
const LONG_MS = 1000;

export function BirthSteps() {
  const steps = useFacts(({ explore }) => explore.births?.steps ?? null);
  const { loadBirths } = useActions();
  switch (steps?.status) {
    case 'loading':
      return <Reading />;
    case 'empty':
      return (
        <div className={layoutStyles.buttonRow}>
          <span className={classNames(wordStyles.muted, wordStyles.small)}>
            At which step features were born was not read.
          </span>
          <button
            type="button"
            className={classNames(controlStyles.button, controlStyles.smallButton)}
            onClick={() => void loadBirths()}
          >
            Read it
          </button>
        </div>
      );
    case 'failed':
      return (
        <ProblemNote problem={steps.problem}>
          <button type="button" className={controlStyles.button} onClick={() => void loadBirths()}>
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
  const progress = useFacts(progressOf('births'));
  const { cancelBirths } = useActions();
  if (progress === null || progress.updatedAt - progress.startedAt < LONG_MS) return null;
  return (
    <ProgressBar label="Birth steps" progress={progress} onCancel={() => void cancelBirths()} />
  );
}

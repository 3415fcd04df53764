// Work on all features that goes on, or why it did not: statistics, guessed names. It stands below the list, so that no
// row moves when it comes and goes.
import { progressOf } from '../../../store/progress';
import { selectedSae } from '../../../store/sae/saeSelectors';
import { ProblemNote } from '../../parts/Messages';
import { ProgressBar } from '../../parts/ProgressBar';
import { useActions, useAppState } from '../../storeContext';
import styles from './ListWork.module.css';

export function ListWork() {
  const saeId = useAppState((state) => selectedSae(state)?.saeId ?? null);
  const counting = useAppState((state) => state.statistics.counting);
  const labels = useAppState((state) => state.statistics.labels);
  const statistics = useAppState(progressOf('statistics'));
  const guessing = useAppState(progressOf('labels'));
  const actions = useActions();
  return (
    <div className={styles.work}>
      <ProblemNote problem={counting.problem} />
      {counting.saeId === saeId && statistics !== null && (
        <ProgressBar
          label="Statistics"
          progress={statistics}
          onCancel={() => void actions.statistics.cancel()}
        />
      )}
      <ProblemNote problem={labels.problem} />
      {labels.guessingSaeId === saeId && guessing !== null && (
        <ProgressBar
          label="Guessing names"
          progress={guessing}
          onCancel={() => void actions.statistics.labels.cancel()}
        />
      )}
    </div>
  );
}

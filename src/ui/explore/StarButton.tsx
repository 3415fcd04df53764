// Stars a feature from its row of the table.
import { useActions } from '../storeContext';
import styles from './StarButton.module.css';

export function StarButton({
  latentIndex,
  isStarred,
}: {
  latentIndex: number;
  isStarred: boolean;
}) {
  const actions = useActions();
  return (
    <button
      type="button"
      className={styles.star}
      // Tab stops at the grid only; from there `f` stars the open feature.
      tabIndex={-1}
      aria-pressed={isStarred}
      aria-label={`Star feature ${latentIndex}`}
      onClick={(event) => {
        event.stopPropagation();
        void actions.statistics.notes.toggleStar(latentIndex);
      }}
    >
      {isStarred ? '★' : '☆'}
    </button>
  );
}

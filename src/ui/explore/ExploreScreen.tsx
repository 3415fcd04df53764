// The Explore screen in two panes that scroll on their own: the features, and the one that is open. Where the window is
// too narrow for both, the open one stands in the place of the list.
import { useAppState } from '../storeContext';
import { useMedia } from '../hooks/useMedia';
import { LatentPanel } from './dashboard/LatentPanel';
import { ListPane } from './list/ListPane';
import { classNames } from '../parts/look/classNames';
import wordStyles from '../parts/look/words.module.css';
import styles from './ExploreScreen.module.css';

export function ExploreScreen() {
  const latentIndex = useAppState((state) => state.explore.latentIndex);
  const isNarrow = useMedia('(max-width: 1099px)');
  const isOpen = latentIndex !== null;
  return (
    <div className={classNames(styles.panes, isOpen && styles.open)}>
      <h1 className={wordStyles.visuallyHidden}>Explore</h1>
      <ListPane isHidden={isOpen && isNarrow} />
      {isOpen && <LatentPanel latentIndex={latentIndex} />}
    </div>
  );
}

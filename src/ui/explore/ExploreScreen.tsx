// The Explore screen: choose an SAE, find a latent in its table, read what it does. On a narrow window
// an open latent takes the table's place.
import { useState } from 'react';
import { ScreenHead } from '../parts/ScreenHead';
import { useAppState } from '../storeContext';
import { LatentPanel } from './dashboard/LatentPanel';
import { LatentTablePanel } from './table/LatentTablePanel';
import { SaePanel } from './SaePanel';
import { classNames } from '../parts/look/classNames';
import layoutStyles from '../parts/look/layout.module.css';
import styles from './ExploreScreen.module.css';

export function ExploreScreen() {
  const hasLatent = useAppState((state) => state.explore.latentIndex !== null);
  const [isWide, setWide] = useState(false);
  const listClass = classNames(
    layoutStyles.stack,
    styles.list,
    hasLatent && layoutStyles.hideNarrow,
  );
  return (
    <>
      <ScreenHead
        name="Explore"
        purpose="What each feature fires on. Small models have weak ones, and a label is a guess."
      />
      <div
        className={
          isWide
            ? layoutStyles.split
            : classNames(layoutStyles.split, layoutStyles.split5to7, styles.sticky)
        }
      >
        <div className={listClass}>
          <SaePanel />
          <LatentTablePanel isWide={isWide} onWide={setWide} />
        </div>
        <div
          className={
            hasLatent ? layoutStyles.stack : classNames(layoutStyles.stack, layoutStyles.hideNarrow)
          }
        >
          <LatentPanel />
        </div>
      </div>
    </>
  );
}

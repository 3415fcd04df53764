// The Explore screen: choose an SAE, find a latent in its table, read what it does. On a narrow window
// an open latent takes the table's place.
import { useState } from 'react';
import { ScreenHead } from '../parts/ScreenHead';
import { useFacts } from '../storeContext';
import { LatentPanel } from './dashboard/LatentPanel';
import { LatentTablePanel } from './table/LatentTablePanel';
import { SaePanel } from './SaePanel';

export function ExploreScreen() {
  const hasLatent = useFacts((facts) => facts.explore.latentIndex !== null);
  const [isWide, setWide] = useState(false);
  const listClass = hasLatent ? 'stack latent-list hide-narrow' : 'stack latent-list';
  return (
    <>
      <ScreenHead
        name="Explore"
        purpose="What each feature fires on. Small models have weak ones, and a label is a guess."
      />
      <div className={isWide ? 'split' : 'split split-5-7 split-sticky'}>
        <div className={listClass}>
          <SaePanel />
          <LatentTablePanel isWide={isWide} onWide={setWide} />
        </div>
        <div className={hasLatent ? 'stack' : 'stack hide-narrow'}>
          <LatentPanel />
        </div>
      </div>
    </>
  );
}

// The dials, always in sight beside the texts: a column in a wide window, a sheet at the bottom of a narrow one
// that shows the chosen slot's slider and opens to all of them.
import { useState } from 'react';
import { targetName } from '../../store/steer/steerSelectors';
import type { SlotDraft } from '../../store/steer/steerSetup';
import { useMedia } from '../hooks/useMedia';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import wordStyles from '../parts/look/words.module.css';
import { useAppState } from '../storeContext';
import { useDialScale } from './slots/SlotCard';
import { DialSlider } from './slots/SlotDial';
import { SlotsPanel } from './slots/SlotsPanel';
import styles from './DialsPane.module.css';

export function DialsPane() {
  const isNarrow = useMedia('(max-width: 1023px)');
  const [isOpen, setOpen] = useState(false);
  if (!isNarrow) {
    return (
      <aside className={styles.column} aria-label="Dials">
        <SlotsPanel />
      </aside>
    );
  }
  return (
    <aside
      className={styles.sheet}
      aria-label="Dials"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !isOpen || event.defaultPrevented) return;
        event.preventDefault();
        setOpen(false);
      }}
    >
      <ChosenDial isOpen={isOpen} onToggle={() => setOpen(!isOpen)} />
      {isOpen && (
        <div className={styles.all} id="all-dials">
          <SlotsPanel />
        </div>
      )}
    </aside>
  );
}

function ChosenDial({ isOpen, onToggle }: { isOpen: boolean; onToggle: () => void }) {
  const slots = useAppState(({ steer }) => steer.setup.slots);
  const chosenId = useAppState(({ steer }) => steer.chosenSlotId);
  const slot = slots.find(({ id }) => id === chosenId) ?? slots.at(-1);
  const opening = slots.length === 0 ? 'Add a feature' : `All dials (${slots.length})`;
  return (
    <div className={styles.chosen}>
      {slot === undefined || isOpen ? (
        <span className={classNames(wordStyles.muted, styles.name)}>
          {isOpen ? 'Dials' : 'No feature yet'}
        </span>
      ) : (
        <SlotInSight slot={slot} />
      )}
      <button
        type="button"
        className={controlStyles.button}
        aria-expanded={isOpen}
        aria-controls="all-dials"
        onClick={onToggle}
      >
        {isOpen ? 'Close' : opening}
      </button>
    </div>
  );
}

function SlotInSight({ slot }: { slot: SlotDraft }) {
  const name = useAppState((state) => targetName(state, slot.target));
  const scale = useDialScale(slot);
  return (
    <div className={styles.slot}>
      <span className={styles.name} title={name}>
        {name}
      </span>
      {slot.dial.mode === 'ablate' ? (
        <span className={classNames(wordStyles.muted, wordStyles.small)}>taken out</span>
      ) : (
        <DialSlider slot={slot} name={`the next token, ${name}`} scale={scale} id="dial-in-sight" />
      )}
    </div>
  );
}

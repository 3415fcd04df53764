// In a narrow window the chosen slot's slider stays visible while the text streams.
import { targetName } from '../../../store/steer/steerSelectors';
import type { SlotDraft } from '../../../store/steer/steerSetup';
import { useAppState } from '../../storeContext';
import { useDialScale } from './SlotCard';
import { DialSlider } from './SlotDial';
import { classNames } from '../../parts/look/classNames';
import layoutStyles from '../../parts/look/layout.module.css';
import styles from './PhoneDial.module.css';

export function PhoneDial({ isShown }: { isShown: boolean }) {
  const slot = useAppState(
    ({ steer }) =>
      steer.setup.slots.find(({ id }) => id === steer.chosenSlotId) ?? steer.setup.slots.at(-1),
  );
  if (!isShown || slot === undefined || slot.dial.mode === 'ablate') return null;
  return <Dock slot={slot} />;
}

function Dock({ slot }: { slot: SlotDraft }) {
  const name = useAppState((state) => targetName(state, slot.target));
  const scale = useDialScale(slot);
  return (
    <div className={classNames(styles.dock, layoutStyles.phoneOnly)}>
      <DialSlider slot={slot} name={`the next token, ${name}`} scale={scale} id="dial-dock" />
    </div>
  );
}

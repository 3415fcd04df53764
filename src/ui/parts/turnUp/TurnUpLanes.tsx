// What the model writes without and with a feature that is turned up.
import { firstDifference } from '../../../store/steer/steerRequest';
import type { TurnedUp } from '../../../store/steer/turnedUp';
import { useAppState } from '../../storeContext';
import wordStyles from '../look/words.module.css';
import styles from './TurnUpLanes.module.css';

export function TurnUpLanes({ turned }: { turned: TurnedUp }) {
  const waits = useAppState((state) => state.model.open === null);
  const { run } = turned;
  if (run === null) {
    return (
      <p className={wordStyles.muted} role="status">
        {waits
          ? 'The model is on its way: then it writes both texts.'
          : 'The model begins to write…'}
      </p>
    );
  }
  const { baseline, steered } = run.lanes;
  const parting = firstDifference(baseline, steered) ?? Math.min(baseline.length, steered.length);
  const textOf = (tokens: readonly { text: string }[]) => tokens.map(({ text }) => text).join('');
  return (
    <>
      <TextLane name="Without" same={textOf(baseline)} other="" isRunning={run.running} />
      <TextLane
        name="With"
        same={textOf(steered.slice(0, parting))}
        other={textOf(steered.slice(parting))}
        isRunning={run.running}
      />
    </>
  );
}

type TextLaneProps = {
  name: 'Without' | 'With';
  /** what it goes on from, where that does not stand above it */
  after?: string;
  same: string;
  /** what follows the first difference */
  other: string;
  isRunning: boolean;
};

export function TextLane({ name, after, same, other, isRunning }: TextLaneProps) {
  return (
    <div
      className={name === 'With' ? styles.with : styles.without}
      role="group"
      aria-label={name}
      aria-busy={isRunning}
    >
      <h3>{name}</h3>
      <p className={styles.lane}>
        <span className={wordStyles.muted}>{after ?? '…'}</span>
        {same}
        <em>{other}</em>
        {isRunning && <span className={wordStyles.muted}> …</span>}
      </p>
    </div>
  );
}

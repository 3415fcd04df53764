// Start: what a feature is, on a text that is read while one looks. Painted from what ships with the page before the
// model is there; live from then on.
import { TourButton } from '../shell/tour/TourStrip';
import { ModelStrip } from './ModelStrip';
import { ReadText } from './ReadText';
import { TurnUp } from './TurnUp';
import { WokenCards } from './WokenCards';
import styles from './StartScreen.module.css';

export function StartScreen() {
  return (
    <div className={styles.screen}>
      <header>
        <h1 className={styles.lead}>
          A language model turns words into numbers. Here those numbers are taken apart into
          features that mean something.
        </h1>
        <p className={styles.sub}>
          Click a word to see what it wakes. <TourButton />
        </p>
      </header>
      <ReadText />
      <WokenCards />
      <TurnUp />
      <ModelStrip />
    </div>
  );
}

// Start: what a feature is, on a text that is read while one looks.
import { ArchitectureStrip } from '../model/ArchitectureStrip';
import styles from './StartScreen.module.css';

export function StartScreen() {
  return (
    <>
      <h1 className={styles.lead}>
        A language model turns words into numbers. Here those numbers are taken apart into features
        that mean something.
      </h1>
      <ArchitectureStrip />
    </>
  );
}

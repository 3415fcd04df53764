// A screen's name and what it is for.
import styles from './ScreenHead.module.css';

export function ScreenHead({ name, purpose }: { name: string; purpose: string }) {
  return (
    <div className={styles.head}>
      <h1>{name}</h1>
      <p>{purpose}</p>
    </div>
  );
}

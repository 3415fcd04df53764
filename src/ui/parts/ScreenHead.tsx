// A screen's name and what it is for.
import type { ReactNode } from 'react';
import styles from './ScreenHead.module.css';

export function ScreenHead({ name, purpose }: { name: string; purpose: ReactNode }) {
  return (
    <div className={styles.head}>
      <h1>{name}</h1>
      <p>{purpose}</p>
    </div>
  );
}

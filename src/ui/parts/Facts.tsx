// Small labelled values, in a grid.
import type { ReactNode } from 'react';
import { classNames } from './look/classNames';
import styles from './Facts.module.css';

export function Facts({ children }: { children: ReactNode }) {
  return <dl className={styles.facts}>{children}</dl>;
}

type FactProps = { name: string; wide?: boolean; title?: string; children: ReactNode };

/** title: the value in full, on hover. */
export function Fact({ name, wide = false, title, children }: FactProps) {
  return (
    <div className={wide ? classNames(styles.fact, styles.wide) : styles.fact}>
      <dt>{name}</dt>
      <dd title={title}>{children}</dd>
    </div>
  );
}

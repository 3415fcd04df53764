// Small labelled values, in a grid.
import type { ReactNode } from 'react';
import { Explained } from './Explained';
import { classNames } from './look/classNames';
import styles from './Facts.module.css';

export function Facts({ children }: { children: ReactNode }) {
  return <dl className={styles.facts}>{children}</dl>;
}

type FactProps = {
  name: string;
  /** of the name, on hover and focus */
  meaning?: string;
  wide?: boolean;
  /** the value in full, on hover */
  title?: string;
  children: ReactNode;
};

export function Fact({ name, meaning, wide = false, title, children }: FactProps) {
  return (
    <div className={wide ? classNames(styles.fact, styles.wide) : styles.fact}>
      <dt>{meaning === undefined ? name : <Explained meaning={meaning}>{name}</Explained>}</dt>
      <dd title={title}>{children}</dd>
    </div>
  );
}

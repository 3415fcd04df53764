// Small labelled values, in a grid.
import type { ReactNode } from 'react';

export function Facts({ children }: { children: ReactNode }) {
  return <dl className="facts">{children}</dl>;
}

type FactProps = { name: string; wide?: boolean; title?: string; children: ReactNode };

/** title: the value in full, on hover. */
export function Fact({ name, wide = false, title, children }: FactProps) {
  return (
    <div className={wide ? 'fact wide' : 'fact'}>
      <dt>{name}</dt>
      <dd title={title}>{children}</dd>
    </div>
  );
}

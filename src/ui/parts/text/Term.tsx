// A term of the trade, with what the glossary says of it at hand.
import type { ReactNode } from 'react';
import { Explained } from '../Explained';
import { meaningOf, type GlossaryTerm } from './glossary';

type TermProps = {
  of: GlossaryTerm;
  /** as it is called here; absent: by the glossary's name */
  children?: ReactNode;
};

export function Term({ of, children = of }: TermProps) {
  return <Explained meaning={meaningOf(of)}>{children}</Explained>;
}

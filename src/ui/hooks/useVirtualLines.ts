// A long list of which only the lines in sight are drawn: cards, rows of a table, pairs.
import { useVirtualizer, type Virtualizer } from '@tanstack/react-virtual';
import { useEffect, type RefObject } from 'react';

type Lines = {
  scroller: RefObject<HTMLDivElement | null>;
  count: number;
  /** of a line, in pixels */
  height: number;
  /** pixels between lines */
  gap?: number;
  /** lines that are drawn on either side of what is in sight */
  overscan: number;
  /** pixels at the top of the scroller under which lines pass */
  head?: number;
};

export function useVirtualLines(o: Lines): Virtualizer<HTMLDivElement, Element> {
  const { scroller, count, height, gap = 0, overscan, head = 0 } = o;
  // eslint-disable-next-line react-hooks/incompatible-library -- nothing here is compiled by React Compiler
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    gap,
    overscan,
    scrollMargin: head,
    scrollPaddingStart: head,
  });
  useEffect(() => virtual.measure(), [virtual, height]);
  return virtual;
}

// The width of an element, in whole pixels, as it changes.
import { useLayoutEffect, useState, type RefObject } from 'react';

const FIRST_WIDTH = 320;
const LEAST_WIDTH = 160;

export function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(FIRST_WIDTH);
  useLayoutEffect(() => {
    const target = element.current;
    if (target === null || typeof ResizeObserver === 'undefined') return;
    const observer = new ResizeObserver(() => {
      setWidth(Math.max(LEAST_WIDTH, Math.floor(target.clientWidth)));
    });
    observer.observe(target);
    return () => observer.disconnect();
  }, [element]);
  return width;
}

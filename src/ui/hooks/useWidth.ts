// The width of an element, in whole pixels, as it changes.
import { useLayoutEffect, useState, type RefObject } from 'react';

const FIRST_WIDTH = 320;
const LEAST_WIDTH = 160;

/** least: what a chart needs to be drawn at all */
export function useWidth(element: RefObject<HTMLElement | null>, least = LEAST_WIDTH): number {
  const [width, setWidth] = useState(FIRST_WIDTH);
  useLayoutEffect(() => {
    const target = element.current;
    if (target === null || typeof ResizeObserver === 'undefined') return;
    const observer = new ResizeObserver(() => {
      setWidth(Math.max(least, Math.floor(target.clientWidth)));
    });
    observer.observe(target);
    return () => observer.disconnect();
  }, [element, least]);
  return width;
}

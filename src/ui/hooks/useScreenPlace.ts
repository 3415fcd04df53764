// A screen begins at its top; Back and Forward find it scrolled to where it was left.
import { useEffect, useLayoutEffect, useRef } from 'react';
import type { View } from '../../core/share/shareState';

export function useScreenPlace(view: View): void {
  const left = useRef(new Map<View, number>());
  const shown = useRef(view);
  const isBack = useRef(false);
  useEffect(() => {
    const listeners = {
      scroll: () => void left.current.set(shown.current, window.scrollY),
      popstate: () => {
        isBack.current = true;
      },
    };
    const entries = Object.entries(listeners);
    for (const [name, listener] of entries) window.addEventListener(name, listener);
    return () => {
      for (const [name, listener] of entries) window.removeEventListener(name, listener);
    };
  }, []);
  useLayoutEffect(() => {
    if (shown.current === view) return;
    shown.current = view;
    window.scrollTo(0, isBack.current ? (left.current.get(view) ?? 0) : 0);
    isBack.current = false;
  }, [view]);
}

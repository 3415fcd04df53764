// What an element's title says, shown while it has the focus of the keyboard: browsers show a title to a pointer only.
import { useEffect, useRef } from 'react';
import { classNames } from '../parts/look/classNames';
import dialogStyles from '../parts/look/dialog.module.css';
import { placePopover } from '../parts/placePopover';
import styles from './FocusHint.module.css';

/** Between element and hint, and between hint and edge of the window, px. */
const GAP = 4;

export function FocusHint() {
  const hint = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let isByKey = false;
    const hide = () => {
      hint.current?.hidePopover();
      hint.current?.replaceChildren();
    };
    const show = ({ target }: FocusEvent) => {
      const own = hint.current;
      if (own === null || !(target instanceof HTMLElement)) return;
      if (target.title === '' || !isByKey) return;
      own.textContent = target.title;
      own.showPopover();
      placePopover(target, own, GAP, GAP);
    };
    const byPointer = () => {
      isByKey = false;
    };
    const byKey = ({ key }: KeyboardEvent) => {
      isByKey = true;
      if (key === 'Escape' || key === 'Enter' || key === ' ') hide();
    };
    document.addEventListener('focusin', show);
    document.addEventListener('focusout', hide);
    document.addEventListener('keydown', byKey, { capture: true });
    document.addEventListener('pointerdown', byPointer, { capture: true });
    document.addEventListener('scroll', hide, { capture: true, passive: true });
    return () => {
      document.removeEventListener('focusin', show);
      document.removeEventListener('focusout', hide);
      document.removeEventListener('keydown', byKey, { capture: true });
      document.removeEventListener('pointerdown', byPointer, { capture: true });
      document.removeEventListener('scroll', hide, { capture: true });
    };
  }, []);
  // Screen readers have the title itself.
  return (
    <div
      ref={hint}
      popover="manual"
      aria-hidden="true"
      className={classNames(dialogStyles.bubble, styles.hint)}
    />
  );
}

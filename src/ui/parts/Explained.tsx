// A word whose meaning shows while it is pointed at or has the focus; a tap does the same. Screen readers hear both.
import { useId, useRef, type ReactNode } from 'react';
import { classNames } from './look/classNames';
import dialogStyles from './look/dialog.module.css';
import { placePopover } from './placePopover';
import styles from './Explained.module.css';

/** Between word and meaning, and between meaning and edge of the window, px. */
const GAP = 4;

type ExplainedProps = {
  children: ReactNode;
  /** one or more sentences */
  meaning: ReactNode;
};

export function Explained({ children, meaning }: ExplainedProps) {
  const id = useId();
  const word = useRef<HTMLButtonElement>(null);
  const tip = useRef<HTMLSpanElement>(null);
  const isShown = useRef(false);

  function show() {
    if (word.current === null || tip.current === null) return;
    tip.current.showPopover();
    isShown.current = true;
    placePopover(word.current, tip.current, GAP, GAP);
  }
  function hide() {
    tip.current?.hidePopover();
    isShown.current = false;
  }
  return (
    <>
      <button
        ref={word}
        type="button"
        className={styles.word}
        aria-describedby={id}
        onPointerEnter={show}
        onPointerLeave={hide}
        onFocus={show}
        onBlur={hide}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || !isShown.current) return;
          // Of what lies on top; the next one is the screen's.
          event.preventDefault();
          hide();
        }}
      >
        {children}
      </button>
      <span
        ref={tip}
        id={id}
        role="tooltip"
        popover="manual"
        className={classNames(dialogStyles.bubble, styles.meaning)}
      >
        {meaning}
      </span>
    </>
  );
}

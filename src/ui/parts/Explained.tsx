// A word whose meaning shows while it is pointed at or has the focus; a tap does the same. Screen readers hear both.
import { useId, useRef, type ReactNode } from 'react';
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

  /** Under its word, within the window: a table that scrolls would cut it off anywhere else. */
  function show() {
    const at = word.current?.getBoundingClientRect();
    const own = tip.current;
    if (at === undefined || own === null) return;
    own.showPopover();
    isShown.current = true;
    const most = window.innerWidth - own.offsetWidth - GAP;
    own.style.left = `${Math.max(GAP, Math.min(at.left, most))}px`;
    own.style.top = `${at.bottom + GAP}px`;
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
      <span ref={tip} id={id} role="tooltip" popover="manual" className={styles.meaning}>
        {meaning}
      </span>
    </>
  );
}

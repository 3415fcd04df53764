// A button that opens a small panel beside it. The browser closes it on Esc or a click elsewhere; up and down move
// between what can be chosen in it.
import { useEffect, useId, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { classNames } from './look/classNames';
import styles from './PopoverMenu.module.css';

type PopoverMenuProps = {
  /** what is chosen or told here: "Model". Read before the face */
  name: string;
  face: ReactNode;
  children: () => ReactNode;
  className?: string | undefined;
};

/** Between panel and edge of the window, px. */
const MARGIN = 8;

export function PopoverMenu({ name, face, children, className }: PopoverMenuProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);

  // A window that is made narrower, or turned, takes the button elsewhere.
  useEffect(() => {
    const placeAgain = () => {
      if (panel.current?.matches(':popover-open') === true) placeAt(button.current, panel.current);
    };
    window.addEventListener('resize', placeAgain);
    return () => window.removeEventListener('resize', placeAgain);
  }, []);

  function onKeyDown(event: KeyboardEvent) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    const items = [
      ...(panel.current?.querySelectorAll<HTMLElement>('button:enabled, a[href]') ?? []),
    ];
    const at = items.indexOf(document.activeElement as HTMLElement);
    const next = at < 0 ? items.at(by > 0 ? 0 : -1) : items[at + by];
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  }

  return (
    <>
      <button
        ref={button}
        type="button"
        className={classNames(styles.button, className)}
        popoverTarget={id}
        onKeyDown={onKeyDown}
      >
        <span className={styles.name}>{name}:</span> {face}
      </button>
      <div
        ref={panel}
        id={id}
        popover="auto"
        role="group"
        aria-label={name}
        className={styles.panel}
        onToggle={(event) => {
          if (event.newState === 'open') placeAt(button.current, panel.current);
        }}
        onClick={(event) => {
          const { target } = event;
          // Something was chosen.
          if (target instanceof Element && target.closest('[data-item]') !== null) {
            panel.current?.hidePopover();
          }
        }}
        onKeyDown={onKeyDown}
      >
        {children()}
      </div>
    </>
  );
}

/** Under its button, or above it where there is more room; within the window. */
function placeAt(button: HTMLElement | null, own: HTMLElement | null): void {
  if (button === null || own === null) return;
  const at = button.getBoundingClientRect();
  const most = window.innerWidth - own.offsetWidth - MARGIN;
  own.style.left = `${Math.max(MARGIN, Math.min(at.left, most))}px`;
  const end = endOfView();
  const [below, above] = [end - at.bottom, at.top].map((room) => room - 2 * MARGIN);
  const isAbove = own.scrollHeight > (below ?? 0) && (above ?? 0) > (below ?? 0);
  own.style.maxHeight = `${isAbove ? above : below}px`;
  own.style.top = isAbove ? 'auto' : `${at.bottom + 2}px`;
  own.style.bottom = isAbove ? `${window.innerHeight - at.top + 2}px` : 'auto';
}

/** The window's lower edge, or the upper one of the bar that stands at the foot of a phone, px. */
function endOfView(): number {
  const bar = document.querySelector('nav')?.getBoundingClientRect();
  const isAtFoot = bar !== undefined && bar.width > bar.height;
  return isAtFoot ? bar.top : window.innerHeight;
}

type MenuItemProps = {
  label: string;
  /** less important, after the label */
  detail?: string | undefined;
  isCurrent?: boolean;
  isDisabled?: boolean;
  onChoose: () => void;
};

export function MenuItem({ label, detail, onChoose, ...state }: MenuItemProps) {
  const { isCurrent = false, isDisabled = false } = state;
  return (
    <button
      type="button"
      className={styles.item}
      data-item=""
      aria-current={isCurrent ? 'true' : undefined}
      disabled={isDisabled}
      onClick={onChoose}
    >
      <span className={styles.label}>{label}</span>{' '}
      {detail !== undefined && <span className={styles.detail}>{detail}</span>}
    </button>
  );
}

export function MenuHead({ children }: { children: ReactNode }) {
  return <p className={styles.head}>{children}</p>;
}

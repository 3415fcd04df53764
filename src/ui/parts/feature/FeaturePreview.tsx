// The card of a feature that is named in a line of text, while its name is pointed at or has the focus. By keyboard the
// name itself opens the feature: the card is no further stop.
import { useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import { FeatureCardOf } from './FeatureCardOf';
import styles from './FeaturePreview.module.css';

/** Between card and edge of the window, px. */
const MARGIN = 8;

type FeaturePreviewProps = {
  /** null: none is chosen, and nothing is known of the feature */
  saeId: string | null;
  latentIndex: number;
  /** a click on the card; absent: shows the feature on Explore */
  onOpen?: (() => void) | undefined;
  /** the name */
  children: ReactNode;
};

export function FeaturePreview({ saeId, latentIndex, onOpen, children }: FeaturePreviewProps) {
  const [isShown, setShown] = useState(false);
  const name = useRef<HTMLDivElement>(null);
  const card = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (isShown) placeBeside(name.current, card.current);
  }, [isShown]);
  const hide = () => setShown(false);
  return (
    <div
      ref={name}
      className={styles.named}
      onPointerEnter={(event) => setShown(event.pointerType !== 'touch')}
      onPointerLeave={hide}
      onFocus={() => setShown(true)}
      onBlur={hide}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !isShown) return;
        // Of what lies on top; the next one is the screen's.
        event.preventDefault();
        hide();
      }}
    >
      {children}
      {isShown && saeId !== null && (
        <div ref={card} popover="manual" className={styles.card}>
          <FeatureCardOf
            saeId={saeId}
            latentIndex={latentIndex}
            isTabStop={false}
            {...(onOpen === undefined ? {} : { onOpen })}
          />
        </div>
      )}
    </div>
  );
}

/** Under the name, or above it where the window ends; a table that scrolls would cut it off anywhere but on top. */
function placeBeside(name: HTMLElement | null, own: HTMLElement | null): void {
  if (name === null || own === null) return;
  own.showPopover();
  const at = name.getBoundingClientRect();
  const most = window.innerWidth - own.offsetWidth - MARGIN;
  own.style.left = `${Math.max(MARGIN, Math.min(at.left, most))}px`;
  const fits = at.bottom + own.offsetHeight + MARGIN <= window.innerHeight;
  own.style.top = `${fits ? at.bottom : Math.max(MARGIN, at.top - own.offsetHeight)}px`;
}

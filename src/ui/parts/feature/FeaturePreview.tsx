// The card of a feature that is named in a line of text, while its name is pointed at or has the focus. By keyboard the
// name itself opens the feature: the card is no further stop.
import { useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import { placePopover } from '../placePopover';
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
    if (!isShown || name.current === null || card.current === null) return;
    card.current.showPopover();
    placePopover(name.current, card.current, 0, MARGIN);
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

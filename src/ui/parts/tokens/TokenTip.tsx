// The small card beside a hovered or focused token. Stays inside the window.
import { useLayoutEffect, useRef } from 'react';
import type { TokenMark } from './tokenMark';
import styles from './TokenTip.module.css';

export type TipPlace = { left: number; top: number; bottom: number };

const GAP = 6;

export function TokenTip({ place, mark }: { place: TipPlace; mark: TokenMark }) {
  const tip = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = tip.current;
    if (element === null) return;
    const { offsetWidth: width, offsetHeight: height } = element;
    const left = Math.max(8, Math.min(place.left, window.innerWidth - width - 8));
    const above = place.top - height - GAP;
    element.style.left = `${left}px`;
    element.style.top = `${above >= 8 ? above : place.bottom + GAP}px`;
  }, [place, mark]);
  return (
    // The token's own name already says all this.
    <div className={styles.tip} ref={tip} aria-hidden="true">
      <b>{mark.text}</b>
      {mark.details.map((detail) => (
        <div key={detail}>{detail}</div>
      ))}
    </div>
  );
}

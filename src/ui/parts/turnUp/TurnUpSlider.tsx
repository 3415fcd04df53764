// How far a feature is turned up: from nothing to the end of the useful zone.
import { useEffect, useRef } from 'react';
import type { TurnedUp } from '../../../store/steer/turnedUp';
import { classNames } from '../look/classNames';
import inputStyles from '../look/inputs.module.css';
import wordStyles from '../look/words.module.css';
import styles from './TurnUpSlider.module.css';

type TurnUpSliderProps = {
  turned: TurnedUp;
  /** it stands in the place of the button that was pressed, whose focus it takes */
  takesFocus: boolean;
  onStrength: (strength: number) => void;
};

export function TurnUpSlider({ turned, takesFocus, onStrength }: TurnUpSliderProps) {
  const { strength, most } = turned;
  const slider = useRef<HTMLInputElement>(null);
  const isReady = most !== null;
  useEffect(() => {
    // Somebody may have gone elsewhere while it was not.
    const isFree = document.activeElement === document.body;
    if (takesFocus && isReady && isFree) slider.current?.focus({ preventScroll: true });
  }, [takesFocus, isReady]);
  const value = strength ?? 0;
  const end = most ?? Math.max(1, value);
  return (
    <>
      <input
        ref={slider}
        type="range"
        className={inputStyles.slider}
        aria-label="How far it is turned up"
        aria-valuetext={`${value.toFixed(2)} times its strongest`}
        min={0}
        max={end}
        step={0.05}
        value={value}
        disabled={!isReady}
        style={
          {
            '--from': '0%',
            '--to': `${(100 * value) / end}%`,
            '--fill': 'var(--lane-steered)',
          } as React.CSSProperties
        }
        onChange={(event) => onStrength(Number(event.target.value))}
      />
      <p className={classNames(wordStyles.muted, wordStyles.small, styles.ends)}>
        <span>off</span>
        <span>{strength === null ? '…' : `${strength.toFixed(2)} × its strongest`}</span>
      </p>
    </>
  );
}

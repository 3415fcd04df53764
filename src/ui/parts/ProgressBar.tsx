// Progress of a long job: phase, done of total, rate, time left. An unknown total is not faked.
import type { ReactNode } from 'react';
import type { TimedProgress } from '../../store/state';
import { bytes, count, duration, measure } from './text/numberText';
import controlStyles from './look/controls.module.css';
import wordStyles from './look/words.module.css';
import styles from './ProgressBar.module.css';

/** Early rates mislead, so they are hidden for 3 s or 3 % (interface.md 8). */
const QUIET_MS = 3000;
const QUIET_FRACTION = 0.03;

type ProgressBarProps = {
  label: string;
  progress: TimedProgress;
  /** shows a button that ends the job */
  onCancel?: () => void;
  /** beneath the bar, if Cancel alone is not enough */
  action?: ReactNode;
};

export function ProgressBar({ label, progress, onCancel, action }: ProgressBarProps) {
  const { done, total } = progress;
  const fraction = total === null || total === 0 ? null : Math.min(1, done / total);
  return (
    <div className={styles.progress}>
      <div className={styles.line}>
        <span>
          <strong>{label}</strong> <span className={wordStyles.muted}>{progress.phase}</span>
        </span>
        <span className={wordStyles.muted}>{amountText(progress)}</span>
      </div>
      <ProgressTrack label={label} fraction={fraction} />
      {onCancel !== undefined && (
        <div>
          <button type="button" className={controlStyles.button} onClick={onCancel}>
            Cancel
          </button>
        </div>
      )}
      {action}
    </div>
  );
}

/** fraction null: running, end unknown. */
export function ProgressTrack({ label, fraction }: { label: string; fraction: number | null }) {
  return (
    <div
      className={styles.track}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(fraction === null ? {} : { 'aria-valuenow': Math.round(100 * fraction) })}
    >
      {fraction !== null && <div className={styles.fill} style={{ width: `${100 * fraction}%` }} />}
    </div>
  );
}

function amountText(progress: TimedProgress): string {
  const { done, total, unit } = progress;
  const write = unit === 'bytes' ? bytes : (value: number) => count(Math.round(value));
  const amount = total === null ? write(done) : `${write(done)} of ${write(total)}`;
  const words = unit === 'bytes' ? amount : `${amount} ${unit}`;
  return [words, ...rateTexts(progress)].join(' · ');
}

function rateTexts(progress: TimedProgress): string[] {
  const { done, firstDone, total, unit, startedAt, updatedAt } = progress;
  const elapsed = updatedAt - startedAt;
  const isEarly = total !== null && done < QUIET_FRACTION * total;
  if (elapsed < QUIET_MS || isEarly || done <= firstDone) return [];
  const perSecond = (1000 * (done - firstDone)) / elapsed;
  const rate = unit === 'bytes' ? `${bytes(perSecond)}/s` : `${measure(perSecond)} ${unit}/s`;
  return total === null ? [rate] : [rate, `${duration((total - done) / perSecond)} left`];
}

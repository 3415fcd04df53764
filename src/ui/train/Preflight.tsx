// What the run would take: time, measured on this machine with the run's own shapes, and memory, part by part. A page
// cannot see free memory.
import { formMemory, runSeconds, runsOf } from '../../store/train/trainingPlan';
import type { SpeedState } from '../../store/train/trainState';
import { bytes, duration } from '../parts/text/numberText';
import { useAppState } from '../storeContext';
import { classNames } from '../parts/look/classNames';
import progressStyles from '../parts/ProgressBar.module.css';
import wordStyles from '../parts/look/words.module.css';
import { StepProfile } from './StepProfile';
import styles from './Preflight.module.css';

/** One for each part of the estimate, in its order. */
const SHADES = [styles.shade0, styles.shade1, styles.shade2, styles.shade3];

export function Preflight() {
  const form = useAppState((state) => state.train.form);
  const ringRows = useAppState(({ train }) =>
    train.check.status === 'valid' ? train.check.config.ringRows : undefined,
  );
  const model = useAppState((state) => state.model.open);
  const speed = useAppState((state) => state.train.speed);
  const seconds = useAppState(({ train }) =>
    train.check.status === 'valid' && train.speed?.status === 'known'
      ? runSeconds(train.check.config, train.speed.value, runsOf(train.form, model?.n_layer ?? 1))
      : null,
  );
  const isOnGpu = useAppState((state) => state.device?.saeBackend === 'webgpu');
  if (model === null) {
    return (
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        Time and memory appear once a model is open.
      </p>
    );
  }
  const parts = formMemory(model, form, ringRows);
  const total = parts.reduce((sum, part) => sum + part.bytes, 0);
  if (!Number.isFinite(total)) return null;
  return (
    <div className={progressStyles.progress} role="group" aria-label="What it takes">
      <div className={progressStyles.line}>
        <span>Time here</span>
        <strong>{timeText(speed, seconds)}</strong>
      </div>
      {speed?.status === 'unknown' && speed.why !== null && (
        <p className={classNames(wordStyles.muted, wordStyles.small)}>
          It could not be measured: {speed.why}
        </p>
      )}
      <StepProfile profile={speed?.status === 'known' ? speed.value.profile : null} />
      <div className={progressStyles.line}>
        <span>Memory{isOnGpu ? ' of the GPU' : ''}</span>
        <strong>{bytes(total)}</strong>
      </div>
      <div className={styles.bar} aria-hidden="true">
        {parts.map((part, i) => (
          <div key={part.name} className={SHADES[i]} style={{ flexGrow: part.bytes / total }} />
        ))}
      </div>
      <div className={styles.legend}>
        {parts.map((part, i) => (
          <LegendLine key={part.name} shade={i} {...part} />
        ))}
      </div>
    </div>
  );
}

function timeText(speed: SpeedState | null, seconds: number | null): string {
  if (seconds !== null) return `about ${roundedDuration(seconds)}`;
  return speed?.status === 'measuring' ? 'measuring …' : 'not measured';
}

/** An estimate to the second would claim too much. */
function roundedDuration(seconds: number): string {
  const step = seconds < 90 ? 5 : seconds < 3600 ? 30 : 600;
  return duration(Math.max(5, step * Math.round(seconds / step))).replace(/ 0 (s|min)$/, '');
}

type LegendLineProps = { shade: number; name: string; bytes: number; formula: string };

function LegendLine({ shade, name, bytes: size, formula }: LegendLineProps) {
  return (
    <>
      <span className={classNames(styles.swatch, SHADES[shade])} aria-hidden="true" />
      <span title={formula}>{name}</span>
      <span className={wordStyles.muted}>{bytes(size)}</span>
    </>
  );
}

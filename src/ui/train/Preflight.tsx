// The GPU memory that a run would need, part by part. An estimate: a page cannot see free memory.
import { formMemory } from '../../store/train/trainingPlan';
import { bytes } from '../parts/numberText';
import { useAppState } from '../storeContext';
import { classNames } from '../parts/look/classNames';
import progressStyles from '../parts/ProgressBar.module.css';
import wordStyles from '../parts/look/words.module.css';
import styles from './Preflight.module.css';

/** One for each part of the estimate, in its order. */
const SHADES = [styles.shade0, styles.shade1, styles.shade2, styles.shade3];

export function Preflight() {
  const form = useAppState((state) => state.train.form);
  const ringRows = useAppState(({ train }) =>
    train.check.status === 'valid' ? train.check.config.ringRows : undefined,
  );
  const width = useAppState((state) => state.model.open?.n_embd ?? null);
  if (width === null) {
    return (
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        The memory estimate appears once a model is open.
      </p>
    );
  }
  const parts = formMemory(width, form, ringRows);
  const total = parts.reduce((sum, part) => sum + part.bytes, 0);
  if (!Number.isFinite(total)) return null;
  return (
    <div className={progressStyles.progress} role="group" aria-label="GPU memory, estimate">
      <div className={progressStyles.line}>
        <span>GPU memory, estimate</span>
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

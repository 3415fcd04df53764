// A histogram the size of a word: log counts, no axes, with a text description.
import { count } from '../../parts/numberText';
import styles from './MiniHistogram.module.css';

type MiniHistogramProps = { counts: readonly number[]; fires: number };

export function MiniHistogram({ counts, fires }: MiniHistogramProps) {
  const highest = Math.log1p(Math.max(1, ...counts));
  const width = 100 / counts.length;
  return (
    <svg
      className={styles.histogram}
      viewBox="0 0 100 24"
      preserveAspectRatio="none"
      role="img"
      aria-label={`Activations of ${count(fires)} firing tokens, log counts`}
    >
      {counts.map((value, i) => {
        const height = (24 * Math.log1p(value)) / highest;
        return <rect key={i} x={i * width} y={24 - height} width={0.85 * width} height={height} />;
      })}
    </svg>
  );
}

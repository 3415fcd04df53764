// A feature's histogram small enough for a card or a line: bars of log counts. Decoration beside a sentence that says it.
import styles from './Sparkline.module.css';

/** counts: firing tokens per slice of (0, max], weakest first. */
export function Sparkline({ counts }: { counts: readonly number[] }) {
  const most = Math.log1p(Math.max(1, ...counts));
  return (
    <svg
      className={styles.spark}
      viewBox={`0 0 ${Math.max(1, counts.length)} 1`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {counts.map((count, i) => {
        const height = Math.log1p(count) / most;
        return <rect key={i} x={i} y={1 - height} width={0.8} height={height} />;
      })}
    </svg>
  );
}

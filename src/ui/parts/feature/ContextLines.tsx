// Keyword in context: lines of text with the firing token in the middle, shaded by its activation.
import type { CSSProperties } from 'react';
import { lineGlyphs } from '../../../core/text/visibleText';
import type { ContextLine } from '../../../core/statistics/contextLines';
import { activationFill } from '../tokens/activationFill';
import styles from './ContextLines.module.css';

type ContextLinesProps = {
  lines: readonly ContextLine[];
  /** activation with full colour */
  maxAct: number;
  /** names the list for screen readers */
  label: string;
};

export function ContextLines({ lines, maxAct, label }: ContextLinesProps) {
  return (
    <ol className={styles.lines} aria-label={label}>
      {lines.map(({ before, token, after, act }, i) => (
        <li key={i} className={styles.line}>
          {/* Two elements: the outer one cuts off what is too long on the left. */}
          <span className={styles.before}>
            <span>{lineGlyphs(before)}</span>
          </span>
          <mark
            className={styles.token}
            style={{ '--u': activationFill(act, maxAct).toFixed(3) } as CSSProperties}
          >
            {lineGlyphs(token)}
          </mark>
          <span className={styles.after}>{lineGlyphs(after)}</span>
        </li>
      ))}
    </ol>
  );
}

// The strongest rows of a feature on its card, side by side.
import { classNames } from '../look/classNames';
import { RowContent } from './RowContent';
import styles from './RowThumbs.module.css';
import { useShownRows } from './useShownRows';

export function RowThumbs({ rows, label }: { rows: readonly number[]; label: string }) {
  const shown = useShownRows(rows);
  const hasPictures = Array.from(shown.values()).some(({ source }) => source !== null);
  return (
    <ol
      className={classNames(styles.thumbs, hasPictures ? styles.pictures : styles.names)}
      aria-label={label}
    >
      {rows.flatMap((row) => {
        const found = shown.get(row);
        return found === undefined
          ? []
          : [
              <li key={row} className={styles.thumb}>
                <RowContent shown={found} isBrief />
              </li>,
            ];
      })}
    </ol>
  );
}

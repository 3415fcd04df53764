// One group of examples that are rows of a file: texts, pictures or clips, each with its activation.
import { useMemo, useState } from 'react';
import { RowContent } from '../../../parts/rows/RowContent';
import { useShownRows } from '../../../parts/rows/useShownRows';
import { measure } from '../../../parts/text/numberText';
import { classNames } from '../../../parts/look/classNames';
import controlStyles from '../../../parts/look/controls.module.css';
import wordStyles from '../../../parts/look/words.module.css';
import type { ShownGroup } from './exampleGroups';
import styles from './ExampleList.module.css';

/** Shown before somebody asks for all. */
const FIRST = 5;

export function RowExamples({ group }: { group: ShownGroup }) {
  const [isWhole, setWhole] = useState(false);
  const { title, account, kind, examples } = group;
  const listed = isWhole ? examples : examples.slice(0, FIRST);
  const rows = useMemo(
    () => listed.map(({ tokens, peak }) => tokens[peak]?.tokenId ?? 0),
    [listed],
  );
  const shown = useShownRows(rows);
  return (
    <div>
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        {(kind === 'interval' || kind === 'quantile') && <b>{title}. </b>}
        {kind === 'top' ? `The ${examples.length} strongest rows.` : account}
      </p>
      <ol className={styles.list} aria-label={title}>
        {listed.map(({ act }, i) => {
          const row = shown.get(rows[i] ?? 0);
          return (
            <li key={i} className={styles.example}>
              <div className={styles.act} title={String(act)}>
                {measure(act)}
              </div>
              {row === undefined ? <div /> : <RowContent shown={row} />}
            </li>
          );
        })}
      </ol>
      {listed.length < examples.length && (
        <button type="button" className={controlStyles.linkButton} onClick={() => setWhole(true)}>
          Show all {examples.length}
        </button>
      )}
    </div>
  );
}

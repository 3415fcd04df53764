// Which SAEs of a drop to open, where it holds several: all, unless some are left out.
import { useState } from 'react';
import { visibleText } from '../../core/text/visibleText';
import type { FoundSae } from '../../engine/sae/api';
import { Dialog } from '../parts/Dialog';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import rowStyles from '../parts/look/rows.module.css';
import wordStyles from '../parts/look/words.module.css';
import { bytes, count } from '../parts/text/numberText';
import { useActions } from '../storeContext';
import styles from './ChooseSaes.module.css';

export function ChooseSaes({ found }: { found: readonly FoundSae[] }) {
  const actions = useActions();
  const [left, setLeft] = useState<ReadonlySet<FoundSae>>(new Set());
  const wanted = found.filter((sae) => !left.has(sae));
  const toggle = (sae: FoundSae) => {
    const next = new Set(left);
    if (!next.delete(sae)) next.add(sae);
    setLeft(next);
  };
  return (
    <Dialog
      title={`${count(found.length)} SAEs were dropped`}
      onClose={() => void actions.sae.importFound([])}
    >
      <div className={layoutStyles.stack}>
        <ul className={classNames(rowStyles.list, styles.list)} aria-label="SAEs of this drop">
          {found.map((sae) => (
            <li key={sae.folder} className={rowStyles.item}>
              <label className={styles.sae}>
                <input type="checkbox" checked={!left.has(sae)} onChange={() => toggle(sae)} />
                <span>{visibleText(sae.folder)}</span>
              </label>
              <span className={wordStyles.muted}>{bytes(sae.byteLength)}</span>
            </li>
          ))}
        </ul>
        <div>
          <button
            type="button"
            className={classNames(controlStyles.button, controlStyles.primary)}
            disabled={wanted.length === 0}
            onClick={() => void actions.sae.importFound(wanted)}
          >
            {wanted.length === found.length
              ? 'Open all of them'
              : `Open ${count(wanted.length)} of them`}
          </button>
        </div>
      </div>
    </Dialog>
  );
}

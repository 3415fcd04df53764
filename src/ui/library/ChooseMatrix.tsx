// Which matrix of a file holds the rows, where it has several.
import { counted } from '../../core/text/counted';
import { visibleText } from '../../core/text/visibleText';
import type { RowMatrix } from '../../engine/model/api';
import { Dialog } from '../parts/Dialog';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import rowStyles from '../parts/look/rows.module.css';
import wordStyles from '../parts/look/words.module.css';
import { count } from '../parts/text/numberText';
import { useActions } from '../storeContext';
import styles from './ChooseSaes.module.css';

export function ChooseMatrix({ matrices }: { matrices: readonly RowMatrix[] }) {
  const actions = useActions();
  return (
    <Dialog
      title={`The file has ${count(matrices.length)} matrices`}
      onClose={() => void actions.model.openMatrix(null)}
    >
      <div className={layoutStyles.stack}>
        <p>Which of them holds the rows?</p>
        <ul className={classNames(rowStyles.list, styles.list)} aria-label="Matrices of this file">
          {matrices.map(({ tensor, rows, width }) => (
            <li key={tensor} className={rowStyles.item}>
              <button
                type="button"
                className={controlStyles.button}
                onClick={() => void actions.model.openMatrix(tensor)}
              >
                {visibleText(tensor)}
              </button>
              <span className={wordStyles.muted}>
                {counted(rows, 'row')} of {counted(width, 'number')}
              </span>
            </li>
          ))}
        </ul>
      </div>
    </Dialog>
  );
}

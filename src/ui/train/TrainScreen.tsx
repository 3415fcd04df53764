// The Train screen: the form, the run on screen, stored runs.
import { openRows } from '../../store/model/openRows';
import { heldRun, shownRun } from '../../store/train/trainSelectors';
import { Term } from '../parts/text/Term';
import { ScreenHead } from '../parts/ScreenHead';
import { useAppState } from '../storeContext';
import { QueuePanel } from './QueuePanel';
import { RunList } from './RunList';
import { RunPanel } from './RunPanel';
import { TrainFormPanel } from './TrainFormPanel';
import { classNames } from '../parts/look/classNames';
import layoutStyles from '../parts/look/layout.module.css';
import styles from './TrainScreen.module.css';

export function TrainScreen() {
  // What trains, or has just ended, is what one is here for.
  const hasRun = useAppState(
    (state) => heldRun(state) !== null || shownRun(state)?.phase.kind === 'done',
  );
  const hasRows = useAppState((state) => openRows(state) !== null);
  return (
    <>
      <ScreenHead
        name="Train"
        purpose={
          <>
            Finds the features of {hasRows ? 'the open rows' : 'one place in the model'}: a{' '}
            <Term of="SAE">sparse autoencoder</Term> learns them{hasRows ? '' : ' from text'}.
          </>
        }
      />
      <div
        className={
          hasRun
            ? classNames(layoutStyles.split, layoutStyles.split4to8, styles.runFirst)
            : classNames(layoutStyles.split, layoutStyles.split4to8)
        }
      >
        <TrainFormPanel />
        <div className={layoutStyles.stack}>
          <RunPanel />
          <QueuePanel />
          <RunList />
        </div>
      </div>
    </>
  );
}

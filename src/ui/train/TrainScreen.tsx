// The Train screen: the form, the run on screen, the runs that are kept.
import { heldRun } from '../../store/selectors';
import { ScreenHead } from '../parts/ScreenHead';
import { useFacts } from '../storeContext';
import { QueuePanel } from './QueuePanel';
import { RunList } from './RunList';
import { RunPanel } from './RunPanel';
import { TrainFormPanel } from './TrainFormPanel';

export function TrainScreen() {
  const hasRun = useFacts((facts) => heldRun(facts) !== null);
  return (
    <>
      <ScreenHead
        name="Train"
        purpose="A sparse autoencoder on the activations of one place in the model."
      />
      <div className={hasRun ? 'split split-4-8 run-first' : 'split split-4-8'}>
        <TrainFormPanel />
        <div className="stack">
          <RunPanel />
          <QueuePanel />
          <RunList />
        </div>
      </div>
    </>
  );
}

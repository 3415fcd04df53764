// The Train screen: the form, the run on screen, the runs that are kept.
import { ScreenHead } from '../parts/ScreenHead';
import { RunList } from './RunList';
import { RunPanel } from './RunPanel';
import { TrainFormPanel } from './TrainFormPanel';

export function TrainScreen() {
  return (
    <>
      <ScreenHead
        name="Train"
        purpose="A sparse autoencoder on the activations of one place in the model."
      />
      <div className="split split-4-8">
        <TrainFormPanel />
        <div className="stack">
          <RunPanel />
          <RunList />
        </div>
      </div>
    </>
  );
}

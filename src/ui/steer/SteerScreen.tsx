// The Steer screen: one latent on a dial, and two texts in step, without it and with it.
import { ScreenHead } from '../parts/ScreenHead';
import { LanesPanel } from './LanesPanel';
import { SteerPanel } from './SteerPanel';

export function SteerScreen() {
  return (
    <>
      <ScreenHead
        name="Steer"
        purpose="Add a feature’s direction while text is made; the baseline runs beside it."
      />
      <div className="split split-4-8 split-sticky-end">
        <SteerPanel />
        <LanesPanel />
      </div>
    </>
  );
}

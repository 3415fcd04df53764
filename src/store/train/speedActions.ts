// Measures how fast the run of the form would be here, once for each kind of run, while the Train screen is looked at.
import type { StoreContext } from '../context';
import { settle } from '../problems';
import type { AppState } from '../state';
import { speedKey } from './trainingPlan';
import { heldRun } from './trainSelectors';

/** Quiet time after a change of the form before the machine is kept busy, ms. */
const MEASURE_PAUSE_MS = 600;

/** The run that the form would start, as far as its speed goes; null while there is none to measure. */
function measurable({ train, model, device, shell }: AppState): string | null {
  if (shell.view !== 'train' || train.check.status !== 'valid') return null;
  if (model.open === null && train.form.source !== 'random') return null;
  const { id, backend, precision } = model.open ?? { id: null, backend: null, precision: null };
  const where = [train.form.source ?? 'model', id, backend, precision, device?.saeBackend ?? null];
  return speedKey(train.check.config, where);
}

export function makeSpeedActions(
  { api, env, get, patch, jobs }: StoreContext,
  onKnown: () => void,
) {
  let cancel = () => {};

  async function measure(of: string): Promise<void> {
    if (measurable(get()) !== of || heldRun(get()) !== null || get().train.busy) {
      patch('train', { speed: null });
      return;
    }
    const { form } = get().train;
    const outcome = await jobs.run('speed', (jobId) => settle(api.train.measureSpeed(form, jobId)));
    if (get().train.speed?.of !== of) return;
    if (outcome.ok) patch('train', { speed: { status: 'known', of, value: outcome.value } });
    else {
      const { kind, what } = outcome.problem;
      const why = kind === 'cancelled' ? null : what;
      patch('train', { speed: { status: 'unknown', of, why } });
    }
    if (outcome.ok) onKnown();
  }

  return {
    /** Now, unless it is known already: for a run that is to start. */
    now: async () => {
      const of = measurable(get());
      const { speed } = get().train;
      if (of === null || (speed?.of === of && speed.status === 'known')) return;
      cancel();
      patch('train', { speed: { status: 'measuring', of } });
      await measure(of);
    },
    /** After every change of the state: asks for the speed of a kind of run that is not known yet. */
    follow: () => {
      const of = measurable(get());
      if (of === null || get().train.speed?.of === of || heldRun(get()) !== null) return;
      patch('train', { speed: { status: 'measuring', of } });
      cancel();
      cancel = env.after(MEASURE_PAUSE_MS, () => void measure(of));
    },
  };
}

// Intents of the tour: begin or go on, leave, tick off what was done. It never does anything by itself.
import type { StoreContext } from '../context';
import type { AppState } from '../state';
import {
  FIRST_TOUR,
  formatTour,
  nextStep,
  parseTour,
  type TourState,
  type TourStep,
} from './tourState';

const SETTING = 'tour';

export function makeTourActions({ env, get, patch }: StoreContext) {
  function set(change: Partial<TourState>): void {
    patch('tour', change);
    env.writeSetting(SETTING, formatTour(get().tour));
  }

  function tick(step: TourStep): void {
    const { isOn, done } = get().tour;
    if (isOn && !done.includes(step)) set({ done: [...done, step] });
  }

  return {
    restore: () => patch('tour', parseTour(env.readSetting(SETTING))),
    /** From where it was left; from the beginning once all was done. */
    begin: () => set({ ...(nextStep(get().tour) === null ? FIRST_TOUR : {}), isOn: true }),
    leave: () => set({ isOn: false }),
    tick,
    /** After every change: what the visitor has just done, whichever way. */
    follow: (now: AppState, before: AppState) => {
      if (now.tour.isOn) for (const step of stepsDone(now, before)) tick(step);
    },
  };
}

/** Links are copied outside of the state: `tick` is told. */
function stepsDone(now: AppState, before: AppState): TourStep[] {
  const steps: TourStep[] = [];
  if (now.start.token !== null && now.start.token !== before.start.token) steps.push('word');
  const isOpen = now.shell.view === 'explore' && now.explore.latentIndex !== null;
  if (isOpen && now.explore !== before.explore) steps.push('open');
  if (hasSteered(now) && !hasSteered(before)) steps.push('turn');
  if (now.train.runs !== before.train.runs && now.train.runs.some(isTraining)) steps.push('train');
  return steps;
}

function hasSteered({ start, steer }: AppState): boolean {
  return [start.turned?.run, steer.run].some((run) => (run?.lanes.steered.length ?? 0) > 0);
}

function isTraining({ phase }: AppState['train']['runs'][number]): boolean {
  return phase.kind === 'training';
}

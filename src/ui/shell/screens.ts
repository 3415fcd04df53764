// The screens, in the order of the rail.
import type { View } from '../../core/share/shareState';

type Screen = { view: View; name: string };

/** What one does. */
export const SCREENS: readonly Screen[] = [
  { view: 'start', name: 'Start' },
  { view: 'explore', name: 'Explore' },
  { view: 'steer', name: 'Steer' },
  { view: 'train', name: 'Train' },
  { view: 'evaluate', name: 'Evaluate' },
  { view: 'circuits', name: 'Circuits' },
];

/** What one has. */
export const LIBRARY: Screen = { view: 'library', name: 'Library' };

export function screenName(view: View): string {
  return [...SCREENS, LIBRARY].find((screen) => screen.view === view)?.name ?? view;
}

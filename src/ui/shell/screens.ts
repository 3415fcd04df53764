// The screens, in the order of the rail.
import type { View } from '../../core/share/shareState';

export const SCREEN_NAMES: readonly { view: View; name: string }[] = [
  { view: 'model', name: 'Model' },
  { view: 'train', name: 'Train' },
  { view: 'explore', name: 'Explore' },
  { view: 'steer', name: 'Steer' },
  { view: 'evaluate', name: 'Evaluate' },
];

export function screenName(view: View): string {
  return SCREEN_NAMES.find((screen) => screen.view === view)?.name ?? view;
}

// The frame around the screens: which one is shown, the theme, help, banners, what a screen reader hears.
import type { Theme, View } from '../../core/share/shareState';
import type { Problem } from '../../engine/shared/api';

export type ShellState = {
  view: View;
  theme: Theme;
  shortcutsOn: boolean;
  helpOpen: boolean;
  /** a problem no control owns */
  banner: Problem | null;
  /** something to know, dismissable */
  notice: string | null;
  /** last message for the polite live region; the id tells repeats apart */
  announcement: { id: number; text: string };
  /** hash keys this version does not know */
  unknownKeys: readonly (readonly [string, string])[];
};

export const FIRST_SHELL: ShellState = {
  view: 'model',
  theme: 'auto',
  shortcutsOn: true,
  helpOpen: false,
  banner: null,
  notice: null,
  announcement: { id: 0, text: '' },
  unknownKeys: [],
};

// The frame around the screens: which one is shown, the theme, help, banners, what a screen reader hears.
import type { Theme, View } from '../../core/share/shareState';
import type { StorageRoom } from '../environment';
import type { Problem } from '../../engine/shared/api';

export type EngineHealth =
  | { kind: 'starting' }
  | { kind: 'answers' }
  /** for so long that it is worth saying (engineWatch.ts); hasAnswered: before that */
  | { kind: 'silent'; hasAnswered: boolean }
  /** it never began and will not; why: the end of a sentence */
  | { kind: 'failed'; why: string };

export type ShellState = {
  view: View;
  theme: Theme;
  shortcutsOn: boolean;
  helpOpen: boolean;
  /** a newer version of the page is ready and waits to be asked for */
  hasNewVersion: boolean;
  engine: EngineHealth;
  /** a problem that belongs to no control */
  banner: Problem | null;
  /** a notice that can be dismissed */
  notice: string | null;
  /** last message for the polite live region; the id distinguishes repeats */
  announcement: { id: number; text: string };
  /** null until it is known, and where the browser does not tell */
  room: StorageRoom | null;
  /** the browser was asked to keep what is stored, and would not */
  isKeepingRefused: boolean;
  /** unknown hash keys */
  unknownKeys: readonly (readonly [string, string])[];
};

export const FIRST_SHELL: ShellState = {
  view: 'start',
  theme: 'auto',
  shortcutsOn: true,
  helpOpen: false,
  hasNewVersion: false,
  engine: { kind: 'starting' },
  banner: null,
  notice: null,
  announcement: { id: 0, text: '' },
  room: null,
  isKeepingRefused: false,
  unknownKeys: [],
};

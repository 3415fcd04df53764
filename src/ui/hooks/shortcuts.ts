// The page's keys as data, shared by the help and useKeyboard, so that they agree.
import type { View } from '../../core/share/shareState';

export type ShortcutName =
  | 'next'
  | 'previous'
  | 'search'
  | 'steerThis'
  | 'copyLink'
  | 'star'
  | 'note'
  | 'export'
  | 'playPause'
  | 'weaker'
  | 'stronger'
  | 'muchWeaker'
  | 'muchStronger'
  | 'neutral'
  | 'rerun'
  | 'rerunNewSeed'
  | 'step'
  | 'laneDiff'
  | 'help'
  | 'close';

/** KeyboardEvent.key to intent; Shift is in the key itself (`{` is Shift `[`). */
export const SHORTCUTS: Readonly<Record<string, ShortcutName>> = {
  j: 'next',
  k: 'previous',
  '/': 'search',
  s: 'steerThis',
  c: 'copyLink',
  f: 'star',
  n: 'note',
  e: 'export',
  ' ': 'playPause',
  '[': 'weaker',
  ']': 'stronger',
  '{': 'muchWeaker',
  '}': 'muchStronger',
  '0': 'neutral',
  r: 'rerun',
  R: 'rerunNewSeed',
  '.': 'step',
  d: 'laneDiff',
  '?': 'help',
  Escape: 'close',
};

/** Second key after `g`. */
export const VIEW_KEYS: Readonly<Record<string, View>> = {
  h: 'start',
  x: 'explore',
  s: 'steer',
  t: 'train',
  e: 'evaluate',
  c: 'circuits',
  l: 'library',
  // The first edition's Model.
  m: 'library',
};

export const HELP_LINES: readonly { keys: readonly string[]; action: string }[] = [
  { keys: ['g', 'h'], action: 'Start' },
  { keys: ['g', 'x'], action: 'Explore' },
  { keys: ['g', 's'], action: 'Steer' },
  { keys: ['g', 't'], action: 'Train' },
  { keys: ['g', 'e'], action: 'Evaluate' },
  { keys: ['g', 'c'], action: 'Circuits' },
  { keys: ['g', 'l'], action: 'Library' },
  { keys: ['j', 'k'], action: 'Next, previous feature' },
  { keys: ['/'], action: 'Search' },
  { keys: ['s'], action: 'Steer this feature' },
  { keys: ['f', 'n'], action: 'Star this feature, write a note' },
  { keys: ['c', 'e'], action: 'Copy link, export this feature' },
  { keys: ['space'], action: 'Play or pause' },
  { keys: ['[', ']'], action: 'Strength down, up (Shift: ×10)' },
  { keys: ['0'], action: 'Strength to neutral' },
  { keys: ['.'], action: 'One token more' },
  { keys: ['r'], action: 'Rerun the text (Shift: new seed)' },
  { keys: ['d'], action: 'Lanes token by token' },
  { keys: ['Ctrl', 'z'], action: 'Undo a change of slots (Shift: redo)' },
  { keys: ['?'], action: 'This list' },
  { keys: ['Esc'], action: 'Close' },
];

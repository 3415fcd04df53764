// What the page holds of sharing: what was received by a link or as a file, and how far it was computed again here.
import type { ActDifference, LaneDifference, Verdict } from '../../core/share/compareShared';
import type { SharedContent } from '../../core/share/sharedContent';
import type { ShareState } from '../../core/share/shareState';
import type { Problem } from '../../engine/shared/api';
import type { GenerationRun } from '../generate/generationRun';
import type { Loadable } from '../loadable';

export type Received = {
  /** as a sentence names it: "a link", "b.nanoscope.gz" */
  from: string;
  /** the link that brought it; null: a file did */
  link: ShareState | null;
  content: Loadable<SharedContent>;
};

export type ShareCheck =
  | { kind: 'none' }
  | { kind: 'running' }
  | { kind: 'acts'; verdict: Verdict<ActDifference> }
  | { kind: 'lanes'; verdict: Verdict<LaneDifference> }
  | { kind: 'failed'; problem: Problem };

export type SharingState = {
  /** shown in place of a screen */
  received: Received | null;
  check: ShareCheck;
  /** its pair of texts, being written again */
  run: GenerationRun | null;
  /** the dialog that shares what is on screen */
  isDialogOpen: boolean;
};

export const FIRST_SHARING: SharingState = {
  received: null,
  check: { kind: 'none' },
  run: null,
  isDialogOpen: false,
};

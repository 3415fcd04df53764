// What the page holds of sharing: what was received by a link or as a file, and how far it was computed again here.
import type { ActDifference, LaneDifference, Verdict } from '../../core/share/compareShared';
import type { SharedContent } from '../../core/share/sharedContent';
import type { Hideable, ShareState } from '../../core/share/shareState';
import type { SourceFacts } from '../../engine/share/api';
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

type ShareCheck =
  | { kind: 'none' }
  | { kind: 'running' }
  | { kind: 'acts'; verdict: Verdict<ActDifference> }
  | { kind: 'lanes'; verdict: Verdict<LaneDifference> }
  | { kind: 'failed'; problem: Problem };

/** A published folder or file that a link names, from the question to the answer. */
export type SourceState = {
  /** as the link has it */
  address: string;
  link: ShareState;
  /** empty: nobody was asked yet */
  found: Loadable<SourceFacts>;
  /** fetching what was agreed to */
  isFetching: boolean;
  problem: Problem | null;
};

/** The page stands in another one, with what was shared only. */
type EmbedState = {
  hide: readonly Hideable[];
  /** the model was asked for: what is seen is computed again */
  isLive: boolean;
};

export type SharingState = {
  /** null: the page stands by itself */
  embed: EmbedState | null;
  source: SourceState | null;
  /** the SAEs that are to be published; null: the dialog is closed */
  publishing: readonly string[] | null;
  /** shown in place of a screen */
  received: Received | null;
  check: ShareCheck;
  /** its pair of texts, being written again */
  run: GenerationRun | null;
  /** the dialog that shares what is on screen */
  isDialogOpen: boolean;
  /** the dialog is about the list of Explore */
  isOfList: boolean;
};

export const FIRST_SHARING: SharingState = {
  embed: null,
  source: null,
  publishing: null,
  received: null,
  check: { kind: 'none' },
  run: null,
  isDialogOpen: false,
  isOfList: false,
};

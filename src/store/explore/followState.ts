// What the page knows of a model's training run that an SAE reads.
import type { FollowedRun } from '../../engine/explore/api';
import type { ModelFile, Problem } from '../../engine/shared/api';

/** A folder of checkpoints, wherever it lies. */
export type RunFolder = {
  name: string;
  /** as it is now */
  files: () => Promise<ModelFile[]>;
  /** whether `files` finds what was added since; false: it was chosen file by file */
  isLive: boolean;
  /** Calls back when something in it changes; false: this browser cannot tell. Ends with the signal. */
  observe: (onNews: () => void, ended: AbortSignal) => Promise<boolean>;
};

export type FollowState = {
  text: string;
  /** the folder that is followed */
  folder: { name: string; isLive: boolean; isObserved: boolean } | null;
  running: boolean;
  result: FollowedRun | null;
  problem: Problem | null;
};

/** Everyday words, which a small model has features for. */
const FIRST_TEXT =
  'Once upon a time, there was a little girl named Lily. She loved to play with her dog in the park. One day, the dog ran away and Lily was very sad. Her mom said, "We will find him."';

export const FIRST_FOLLOW: FollowState = {
  text: FIRST_TEXT,
  folder: null,
  running: false,
  result: null,
  problem: null,
};

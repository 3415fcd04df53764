// What the page shows of one feature's training.
import type { Problem } from '../../engine/shared/api';
import type { LatentReplay } from '../../engine/explore/api';

export type ReplayState = {
  /** whose replay it is */
  saeId: string | null;
  latentIndex: number | null;
  loading: boolean;
  value: LatentReplay | null;
  problem: Problem | null;
  /** index of the saved step on screen */
  at: number;
};

export const FIRST_REPLAY: ReplayState = {
  saeId: null,
  latentIndex: null,
  loading: false,
  value: null,
  problem: null,
  at: 0,
};

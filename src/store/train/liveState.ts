// What the page shows about latents in training.
import type { Problem } from '../../engine/shared/api';
import type { MomentLogits } from '../../engine/sae/api';
import type { LiveTiles } from '../../engine/train/api';

export type LiveState = {
  runId: string | null;
  /** indices shown, in order; the engine fills the remaining tiles */
  shown: readonly number[];
  pinned: readonly number[];
  latest: LiveTiles | null;
  /** the latent that is open large */
  opened: number | null;
  /** of the opened latent; null while they are read */
  logits: MomentLogits | null;
  problem: Problem | null;
};

export const FIRST_LIVE: LiveState = {
  runId: null,
  shown: [],
  pinned: [],
  latest: null,
  opened: null,
  logits: null,
  problem: null,
};

// One feature turned up in passing, as Start and a dashboard keep it.
import type { Problem } from '../../engine/shared/api';
import type { GenerationRun } from '../generate/generationRun';

/** A feature turned up, and the two texts. */
export type TurnedUp = {
  latentIndex: number;
  /** multiples of the feature's largest activation; null until the useful zone is known */
  strength: number | null;
  /** end of the useful zone, in the same unit */
  most: number | null;
  run: GenerationRun | null;
  problem: Problem | null;
};

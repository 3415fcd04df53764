// What the page knows of two SAEs laid side by side.
import type { LatentMatch } from '../../core/explore/matchLatents';
import type { Problem } from '../../engine/shared/api';
import type { MomentLogits } from '../../engine/sae/api';
import type { LatentDashboard } from '../../engine/statistics/api';
import type { SaeComparison } from '../../engine/explore/api';

/** One feature of a pair: with its statistics or, at a step of its training, its direction's logits. */
export type PairSide =
  { kind: 'dashboard'; of: LatentDashboard } | { kind: 'moment'; of: MomentLogits };

export type ComparisonState = {
  /** saved steps of the named SAE; null until they are read */
  saved: { saeId: string; steps: readonly number[] } | null;
  running: boolean;
  result: SaeComparison | null;
  problem: Problem | null;
  /** the pair that is open; its sides as they arrive, null if there is nothing to show */
  open: {
    match: LatentMatch;
    here: PairSide | null;
    there: PairSide | null;
    problem: Problem | null;
  } | null;
};

export const FIRST_COMPARISON: ComparisonState = {
  saved: null,
  running: false,
  result: null,
  problem: null,
  open: null,
};

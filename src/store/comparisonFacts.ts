// What the page knows of two SAEs laid side by side. Plain facts; no intent is made here.
import type { LatentMatch } from '../core/matchLatents';
import type { LatentDashboard, Problem, SaeComparison } from '../engine/api';

export type ComparisonSlice = {
  running: boolean;
  result: SaeComparison | null;
  problem: Problem | null;
  /** the pair that is open; dashboards as they arrive, null without statistics */
  open: {
    match: LatentMatch;
    here: LatentDashboard | null;
    there: LatentDashboard | null;
    problem: Problem | null;
  } | null;
};

export const FIRST_COMPARISON: ComparisonSlice = {
  running: false,
  result: null,
  problem: null,
  open: null,
};

// The Explore screen's state: the table of latents and what narrows it, the map, the open latent with what was asked
// about it, two SAEs side by side, a feature's training.
import type { DashboardView } from '../../core/share/shareState';
import type { ExtraColumn, ListView, MapKind, Sort } from '../../core/share/tableShare';
import type { LatentDashboard, LatentRow } from '../../engine/statistics/api';
import type { Loadable } from '../loadable';
import type { TurnedUp } from '../steer/turnedUp';
import { FIRST_COMPARISON, type ComparisonState } from './comparisonState';
import { FIRST_FOLLOW, type FollowState } from './followState';
import { FIRST_DASHBOARD_VIEW, NO_INQUIRY, type InquiryState } from './inquiryState';
import { FIRST_PROBE, type ProbeState } from './probeState';
import { FIRST_REPLAY, type ReplayState } from './replayState';
import { FIRST_TEXT_SEARCH, NO_FILTER, type TableFilter, type TextSearch } from './tableFilter';

/** on: fires on more than 10 % of the tokens */
export type Liveness = 'all' | 'live' | 'dead' | 'on';

export type ExploreState = {
  /** SAE and statistics size that `rows` belong to */
  rowsOf: { saeId: string; statisticsTokens: number } | null;
  /** birth steps of the latents of one SAE; empty: reading them was cancelled; ready with null: none are known */
  births: { saeId: string; steps: Loadable<readonly (number | null)[] | null> } | null;
  rows: Loadable<LatentRow[]>;
  sort: Sort;
  /** decides among rows that `sort` does not tell apart */
  thenBy: Sort | null;
  /** how the list of features is shown */
  listAs: ListView;
  /** columns of the table besides those that are always there */
  columns: readonly ExtraColumn[];
  filter: TableFilter;
  /** per way of laying out: x, y of each latent, the longer side of the map from 0 to 1 */
  maps: Readonly<Record<MapKind, Loadable<Float32Array>>>;
  /** number of each latent's cluster, from 1; 0: in none */
  clusters: Loadable<Uint8Array>;
  textSearch: TextSearch;
  search: string;
  liveness: Liveness;
  latentIndex: number | null;
  dashboard: Loadable<LatentDashboard>;
  /** whether the evidence under its dashboard is unfolded; kept between visits */
  isEvidenceOpen: boolean;
  /** how its examples are shown */
  dashboardView: DashboardView;
  /** the visitor's own text: tests the open feature, finds features that fire on it */
  text: string;
  inquiry: InquiryState;
  probe: ProbeState;
  /** the open feature turned up beside its dashboard */
  turned: TurnedUp | null;
  comparison: ComparisonState;
  follow: FollowState;
  replay: ReplayState;
};

/** What is best understood comes first; among features without a guess the strongest. */
export const FIRST_SORT: Sort = { column: 'score', descending: true };
export const FIRST_THEN: Sort = { column: 'maxact', descending: true };

export const FIRST_EXPLORE: ExploreState = {
  rowsOf: null,
  births: null,
  rows: { status: 'empty' },
  sort: FIRST_SORT,
  thenBy: FIRST_THEN,
  listAs: 'cards',
  columns: [],
  filter: NO_FILTER,
  maps: { pca: { status: 'empty' }, umap: { status: 'empty' } },
  clusters: { status: 'empty' },
  textSearch: FIRST_TEXT_SEARCH,
  search: '',
  liveness: 'all',
  latentIndex: null,
  dashboard: { status: 'empty' },
  isEvidenceOpen: false,
  dashboardView: FIRST_DASHBOARD_VIEW,
  text: '',
  inquiry: NO_INQUIRY,
  probe: FIRST_PROBE,
  turned: null,
  comparison: FIRST_COMPARISON,
  follow: FIRST_FOLLOW,
  replay: FIRST_REPLAY,
};

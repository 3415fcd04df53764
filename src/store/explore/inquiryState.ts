// What the page holds around one dashboard: how examples are shown, what was asked beyond the
// statistics.
import type { DashboardView } from '../../core/share/shareState';
import type { LogitHistogram } from '../../engine/sae/api';
import type { NeighbourLatent, PartnerLatent } from '../../engine/statistics/api';
import type { NearestMisses } from '../../engine/explore/api';
import type { Loadable } from '../loadable';

export const FIRST_DASHBOARD_VIEW: DashboardView = {
  examples: 'top',
  context: '16',
  grouping: 'interval',
  scale: 'feature',
  realBreaks: false,
};

type Partners = { partners: PartnerLatent[]; partnerTokens: number };

export type InquiryState = {
  /** the latent that the answers are about */
  of: { saeId: string; latentIndex: number } | null;
  misses: Loadable<NearestMisses>;
  partners: Loadable<Partners>;
  logits: Loadable<LogitHistogram>;
  beside: Loadable<{ otherId: string; neighbours: NeighbourLatent[] }>;
};

export const NO_INQUIRY: InquiryState = {
  of: null,
  misses: { status: 'empty' },
  partners: { status: 'empty' },
  logits: { status: 'empty' },
  beside: { status: 'empty' },
};

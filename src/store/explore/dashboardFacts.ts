// What the page holds around one dashboard: how examples are shown, what was asked beyond the statistics, what
// a person wrote. Plain facts and their first values.
import type { DashboardView } from '../../core/share/shareState';
import type { Problem } from '../../engine/shared/api';
import type { LogitHistogram } from '../../engine/sae/api';
import type { LatentNote, NeighbourLatent, PartnerLatent } from '../../engine/statistics/api';
import type { NearestMisses } from '../../engine/explore/api';

export const FIRST_DASHBOARD_VIEW: DashboardView = {
  context: '16',
  grouping: 'interval',
  scale: 'feature',
  realBreaks: false,
};

/** An answer of the engine about one latent; another latent has none yet. */
export type Asked<T> =
  | { status: 'unasked' }
  | { status: 'asking' }
  | { status: 'answered'; value: T }
  | { status: 'failed'; problem: Problem };

type Partners = { partners: PartnerLatent[]; partnerTokens: number };

export type InquirySlice = {
  /** the latent that the answers are about */
  of: { saeId: string; latentIndex: number } | null;
  misses: Asked<NearestMisses>;
  partners: Asked<Partners>;
  logits: Asked<LogitHistogram>;
  beside: Asked<{ otherId: string; neighbours: NeighbourLatent[] }>;
};

export const NO_INQUIRY: InquirySlice = {
  of: null,
  misses: { status: 'unasked' },
  partners: { status: 'unasked' },
  logits: { status: 'unasked' },
  beside: { status: 'unasked' },
};

export type NotesSlice = {
  saeId: string | null;
  byLatent: Readonly<Record<number, LatentNote>>;
  problem: Problem | null;
};

export const NO_NOTES: NotesSlice = { saeId: null, byLatent: {}, problem: null };

export function emptyNote(latentIndex: number): LatentNote {
  return { latentIndex, label: '', note: '', tags: [], isStarred: false };
}

// Filters of the latent table besides its search and chips: brushes, stars, chosen latents, an area of the
// map, a text. Plain values and the first ones; who passes is latentOrder's business.
import type { Range } from '../../core/numeric/crossfilter';
import { BRUSHED, type Brushed, type MapArea } from '../../core/share/tableShare';
import type { Problem } from '../../engine/shared/api';
import type { ActiveText } from '../../engine/explore/api';

export type TableFilter = {
  ranges: Readonly<Record<Brushed, Range | null>>;
  starredOnly: boolean;
  /** latents picked by a link or the user; null: no choice */
  chosen: readonly number[] | null;
  area: MapArea | null;
  /** number of a cluster of decoder directions */
  cluster: number | null;
  /** only latents that fire on the text */
  inText: boolean;
};

/** The ranking of latents found by a text. */
export type TextRank = 'max' | 'mean' | 'count';

export type TextSearch = {
  found:
    | { status: 'empty' }
    | { status: 'loading' }
    | { status: 'failed'; problem: Problem }
    | { status: 'ready'; saeId: string; text: string; value: ActiveText };
  rank: TextRank;
  /** rank by the activation on this token of the text; null: over all of it */
  token: number | null;
  /** leaves out latents that fire on more than 1 % of the corpus */
  hidesDense: boolean;
};

export const NO_RANGES: TableFilter['ranges'] = {
  density: null,
  maxact: null,
  kurt: null,
  birth: null,
};

export const NO_FILTER: TableFilter = {
  ranges: NO_RANGES,
  starredOnly: false,
  chosen: null,
  area: null,
  cluster: null,
  inText: false,
};

export const FIRST_TEXT_SEARCH: TextSearch = {
  found: { status: 'empty' },
  rank: 'max',
  token: null,
  hidesDense: false,
};

/** Number of active filters. */
export function filterCount(filter: TableFilter): number {
  const { chosen, area, cluster } = filter;
  const picked = [chosen, area, cluster].filter((choice) => choice !== null).length;
  const ranges = BRUSHED.filter((key) => filter.ranges[key] !== null);
  return ranges.length + picked + Number(filter.starredOnly) + Number(filter.inText);
}

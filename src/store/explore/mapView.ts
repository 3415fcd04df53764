// What the map of latents shows: which points pass the table's filters, and their colours.
import { memoLast } from '../../core/memoLast';
import type { LatentRow } from '../../engine/statistics/api';
import { axisPlace, axisValue, columnsOf } from './tableColumns';

/** Columns by which points can be coloured. */
export type MapRamp = 'density' | 'kurt';
export type MapColouring = MapRamp | 'cluster';

/** Per latent one of `count` colours by its value on the column's axis; 255 if it has no value. */
export const mapColours = memoLast(
  (rows: readonly LatentRow[], by: MapRamp, count: number): Uint8Array => {
    const { values, bins } = columnsOf(rows).brushes[by];
    if (bins === null) return new Uint8Array(rows.length).fill(255);
    return Uint8Array.from(values, (value) => {
      const place = axisPlace(by, value);
      if (!Number.isFinite(place)) return 255;
      const share = (place - bins.from) / (bins.to - bins.from);
      return Math.max(0, Math.min(count - 1, Math.floor(share * count)));
    });
  },
);

/** Per latent the colour of its cluster; 255 if it has none, or while clusters are unknown. */
export const clusterColours = memoLast(
  (rows: readonly LatentRow[], clusterOf: Uint8Array | null): Uint8Array =>
    Uint8Array.from(rows, (_, at) => {
      const cluster = clusterOf?.[at] ?? 0;
      return cluster === 0 ? 255 : cluster - 1;
    }),
);

/** Values at the ends of the colours; null if no latent has one. */
export function colourEnds(rows: readonly LatentRow[], by: MapRamp): [number, number] | null {
  const { bins } = columnsOf(rows).brushes[by];
  return bins === null ? null : [axisValue(by, bins.from), axisValue(by, bins.to)];
}

/** 1 for every latent among the visible rows; [d_sae]. */
export const shownOnMap = memoLast((visible: readonly LatentRow[], d_sae: number): Uint8Array => {
  const shown = new Uint8Array(d_sae);
  for (const { latentIndex } of visible) shown[latentIndex] = 1;
  return shown;
});

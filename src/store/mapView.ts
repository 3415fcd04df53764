// What the map of latents shows: which points pass the table's filters, and their colours.
import { memoLast } from '../core/memoLast';
import type { LatentRow } from '../engine/api';
import { axisPlace, axisValue, columnsOf } from './tableColumns';

export type MapColouring = 'density' | 'kurt';

/** Per latent one of `count` colours by its place on the column's axis; 255 where it has no value. */
export const mapColours = memoLast(
  (rows: readonly LatentRow[], by: MapColouring, count: number): Uint8Array => {
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

/** Values at the ends of the colours; null where no latent has one. */
export function colourEnds(rows: readonly LatentRow[], by: MapColouring): [number, number] | null {
  const { bins } = columnsOf(rows).brushes[by];
  return bins === null ? null : [axisValue(by, bins.from), axisValue(by, bins.to)];
}

/** 1 for every latent among the visible rows; [d_sae]. */
export const shownOnMap = memoLast((visible: readonly LatentRow[], d_sae: number): Uint8Array => {
  const shown = new Uint8Array(d_sae);
  for (const { latentIndex } of visible) shown[latentIndex] = 1;
  return shown;
});

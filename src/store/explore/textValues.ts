// The values that the table shows and ranks for latents that fire on a text.
import { memoLast } from '../../core/memoLast';
import type { LatentRow } from '../../engine/statistics/api';
import type { TextRank, TextSearch } from './tableFilter';

/** latent → its value by the chosen ranking */
export type TextValues = ReadonlyMap<number, number>;

/** A latent that fires on more of the corpus than this says little about a text. */
const DENSE = 0.01;

/** null until a text was read. */
export function textValues(search: TextSearch, rows: readonly LatentRow[]): TextValues | null {
  const { found, rank, token, hidesDense } = search;
  return found.status === 'ready' ? valuesOf(found, rows, rank, token, hidesDense) : null;
}

type Found = Extract<TextSearch['found'], { status: 'ready' }>;

const valuesOf = memoLast(
  (
    { value }: Found,
    rows: readonly LatentRow[],
    rank: TextRank,
    token: number | null,
    hidesDense: boolean,
  ): TextValues => {
    const values = new Map<number, number>();
    const [sae] = value.saes;
    if (sae === undefined) return values;
    const entries =
      token === null
        ? sae.latents.map((latent): [number, number] => [
            latent.latentIndex,
            rank === 'max' ? latent.maxAct : rank === 'mean' ? latent.meanAct : latent.fires,
          ])
        : (sae.tokens[token] ?? []).map(({ latentIndex, act }): [number, number] => [
            latentIndex,
            act,
          ]);
    for (const [latentIndex, entry] of entries) {
      const isDense = (rows[latentIndex]?.density ?? 0) > DENSE;
      if (!hidesDense || !isDense) values.set(latentIndex, entry);
    }
    return values;
  },
);

// What the page knows towards a feature's name; core/statistics/featureName.ts makes the name of it. Pure.
import { featureName, type FeatureName, type NameFacts } from '../core/statistics/featureName';
import type { LatentRow } from '../engine/statistics/api';
import type { AppState } from './state';

type Known = Pick<AppState, 'statistics' | 'explore' | 'steer' | 'sae'>;

/** A person's own label; empty: none, or the notes of another SAE are open. */
export function labelOf(
  { statistics: { notes } }: Known,
  saeId: string | null,
  at: number,
): string {
  return notes.saeId === saeId ? (notes.byLatent[at]?.label ?? '') : '';
}

export function isStarred({ statistics: { notes } }: Known, saeId: string, at: number): boolean {
  return notes.saeId === saeId && notes.byLatent[at]?.isStarred === true;
}

export function guessOf({ statistics: { labels } }: Known, saeId: string | null, at: number) {
  return labels.guessesOf === saeId ? labels.guesses?.[at] : undefined;
}

/** The latent's row from wherever the page has it: Explore's table, a steering slot, a card. */
export function latentRowOf(state: Known, saeId: string | null, at: number): LatentRow | null {
  if (saeId === null) return null;
  const { rows, rowsOf } = state.explore;
  if (rowsOf?.saeId === saeId && rows.status === 'ready') return rows.value[at] ?? null;
  const loaded = state.steer.rows[saeId]?.loaded;
  if (loaded?.status === 'ready') return loaded.value[at] ?? null;
  return state.statistics.cards[saeId]?.byLatent[at]?.row ?? null;
}

/** firesOn: what the caller knows of it, if the page has no row. A new object at each call: components use
 *  `useFeatureName`. */
export function featureNameIn(
  state: Known,
  saeId: string | null,
  latentIndex: number,
  firesOn?: NameFacts['firesOn'],
): FeatureName {
  return featureName({
    latentIndex,
    label: labelOf(state, saeId, latentIndex),
    guess: guessOf(state, saeId, latentIndex),
    firesOn: latentRowOf(state, saeId, latentIndex)?.firesOn ?? firesOn,
  });
}

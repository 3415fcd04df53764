// Questions that several parts of Explore ask. Pure.
import type { ExampleToken } from '../../engine/statistics/api';
import type { AppState } from '../state';
import type { NextTokens } from './probeState';

/** Number of each latent's cluster; null while unknown. */
export function readyClusters({ explore }: Pick<AppState, 'explore'>): Uint8Array | null {
  return explore.clusters.status === 'ready' ? explore.clusters.value : null;
}

/** Whether it is known at which step of training latents were born. */
export function hasBirths(state: Pick<AppState, 'explore'>): boolean {
  return birthSteps(state) !== null;
}

/** Birth step of each latent; null while unknown. */
export function birthSteps({
  explore: { births },
}: Pick<AppState, 'explore'>): readonly (number | null)[] | null {
  return births?.steps.status === 'ready' ? births.steps.value : null;
}

/** What the open model made of the tokens that follow in this text; null: not asked. */
export function nextTokensOf(
  { explore, model }: Pick<AppState, 'explore' | 'model'>,
  source: readonly ExampleToken[],
): NextTokens | null {
  const { next } = explore.probe;
  return next?.source === source && next.model === model.open ? next : null;
}

/** What a feature turned up beside its dashboard goes on from. */
export function inPlacePrompt({ explore, steer }: Pick<AppState, 'explore' | 'steer'>): string {
  return explore.text.trim() === '' ? steer.form.prompt : explore.text;
}

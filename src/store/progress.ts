// How far the work that goes on is. Pure.
import type { JobKind } from '../engine/shared/api';
import type { AppState, TimedProgress } from './state';

/** Of the newest work of a kind; null while there is none. */
export function progressOf(kind: JobKind) {
  return ({ progress }: Pick<AppState, 'progress'>): TimedProgress | null =>
    Object.values(progress).findLast((one) => one.kind === kind) ?? null;
}

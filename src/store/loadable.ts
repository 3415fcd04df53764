// What is on its way from the engine, or has come. A question that was cancelled is as if it had not been asked.
import type { Outcome, Problem } from '../engine/shared/api';

export type Loadable<T> =
  | { status: 'empty' }
  | { status: 'loading' }
  | { status: 'ready'; value: T }
  | { status: 'failed'; problem: Problem };

export function loadableOf<T>(outcome: Outcome<T>): Loadable<T> {
  if (outcome.ok) return { status: 'ready', value: outcome.value };
  if (outcome.problem.kind === 'cancelled') return { status: 'empty' };
  return { status: 'failed', problem: outcome.problem };
}

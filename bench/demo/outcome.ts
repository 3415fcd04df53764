// What an engine's command gave, or its problem as an error.
import type { Outcome } from '../../src/engine/shared/api';

export function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new Error(`${outcome.problem.what} ${outcome.problem.wayOut}`);
}

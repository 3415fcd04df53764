// Turns anything thrown on the way to the engine into a Problem the page can show.
import { isLoadFailure, LOAD_FAILURE_WAY_OUT } from '../core/loadFailure';
import type { Outcome, Problem } from '../engine/shared/api';

export function bugProblem(cause: unknown): Problem {
  if (isLoadFailure(cause)) {
    return {
      kind: 'network',
      what: 'A part of this page did not load.',
      wayOut: LOAD_FAILURE_WAY_OUT,
      field: null,
    };
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  return {
    kind: 'bug',
    what: `An unexpected error occurred: ${message}`,
    wayOut: 'Reload the page; saved runs and SAEs are kept.',
    field: null,
  };
}

/** Awaits an engine command; a rejected promise becomes a failed outcome, never an unhandled one. */
export async function settle<T>(command: Promise<Outcome<T>>): Promise<Outcome<T>> {
  try {
    return await command;
  } catch (cause) {
    return { ok: false, problem: bugProblem(cause) };
  }
}

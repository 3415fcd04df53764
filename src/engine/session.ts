// One engine for one piece of work of the program that it runs in: listened to, asked, ended. Knows nothing of where the
// program runs: its parts are handed over. The command line and the library stand on it.
import type { EngineApi, EngineEvent } from './api';
import { createHostedEngine } from './createEngine';
import type { EngineHosts } from './hosts';
import type { EngineParts } from './parts';
import type { Outcome, Problem } from './shared/api';

/** What an engine's command answered with instead of a value. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.what);
    this.problem = problem;
  }
}

/** The value of a command's answer; throws ProblemError with its problem. */
export function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new ProblemError(outcome.problem);
}

/** auto: the GPU where there is one; cpu: the processor for everything */
type DeviceChoice = 'auto' | 'cpu';

export type MachineChoice = {
  /** default: auto */
  device?: DeviceChoice | undefined;
  /** of the processor, for the model and for SAEs; the model keeps those of the process's first session. Default:
   *  OMP_NUM_THREADS in Node, else every core, up to 8; a page has one unless it is cross-origin isolated */
  threads?: number | undefined;
};

export type Session = {
  engine: EngineApi;
  hosts: EngineHosts;
  /** Calls back with each event from now on; returns how to end that. */
  listen: (see: (event: EngineEvent) => void) => () => void;
  /** Frees the model. */
  close: () => Promise<void>;
};

export async function startSession(parts: EngineParts): Promise<Session> {
  const { engine, hosts } = createHostedEngine(parts);
  const listeners = new Set<(event: EngineEvent) => void>();
  await engine.subscribe((batch) => {
    for (const event of batch) for (const see of [...listeners]) see(event);
  });
  return {
    engine,
    hosts,
    listen(see) {
      listeners.add(see);
      return () => void listeners.delete(see);
    },
    async close() {
      if (hosts.modelHost.currentOrNull() === null) return;
      await (await hosts.modelHost.runtime()).dispose();
    },
  };
}

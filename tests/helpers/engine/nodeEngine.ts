// A whole engine in Node that remembers everything it ever said. Over makeNodeParts it says each thing as it happens,
// so that a test can act at a known token or step.
import type { EngineApi, EngineEvent } from '../../../src/engine/api';
import type { RunFacts } from '../../../src/engine/train/api';
import { createEngine } from '../../../src/engine/createEngine';
import type { EngineParts } from '../../../src/engine/parts';

/** An engine with everything it ever said. */
export type ListenedEngine = {
  engine: EngineApi;
  events: EngineEvent[];
  /** Calls back with each event from now on, before the engine goes on; returns how to end that. */
  listen: (see: (event: EngineEvent) => void) => () => void;
  /** Resolves with the next event that `test` accepts. */
  waitFor: (test: (event: EngineEvent) => boolean) => Promise<EngineEvent>;
  /** Resolves with the run's facts once `test` accepts them. */
  waitForRun: (test: (run: RunFacts) => boolean) => Promise<RunFacts>;
};

export async function startNodeEngine(parts: EngineParts): Promise<ListenedEngine> {
  const engine = createEngine(parts);
  const events: EngineEvent[] = [];
  const listeners = new Set<(event: EngineEvent) => void>();
  await engine.subscribe((batch) => {
    for (const event of batch) {
      events.push(event);
      for (const see of [...listeners]) see(event);
    }
  });
  const listen = (see: (event: EngineEvent) => void) => {
    listeners.add(see);
    return () => void listeners.delete(see);
  };
  /** Resolves with the first value that `pick` finds in an event. */
  const first = <T>(pick: (event: EngineEvent) => T | null) =>
    new Promise<T>((resolve) => {
      const end = listen((event) => {
        const found = pick(event);
        if (found === null) return;
        end();
        resolve(found);
      });
    });
  return {
    engine,
    events,
    listen,
    waitFor: (test) => first((event) => (test(event) ? event : null)),
    waitForRun: (test) =>
      first((event) => (event.kind === 'run' && test(event.run) ? event.run : null)),
  };
}

/** Lets everything that is ready to run do so, many times over. An engine over makeNodeParts waits for nothing but
 *  its turn: had it more to say, it has said it by now. */
export async function manyTurns(): Promise<void> {
  for (let i = 0; i < 200; i++) await new Promise((resolve) => setImmediate(resolve));
}

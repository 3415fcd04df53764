// A whole engine in Node that remembers everything it ever said.
import type { EngineApi, EngineEvent } from '../../src/engine/api';
import type { RunFacts } from '../../src/engine/train/api';
import { createEngine } from '../../src/engine/createEngine';
import type { EngineParts } from '../../src/engine/parts';

/** An engine with everything it ever said. */
export type ListenedEngine = {
  engine: EngineApi;
  events: EngineEvent[];
  /** Resolves with the run's facts once `test` accepts them. */
  waitForRun: (test: (run: RunFacts) => boolean) => Promise<RunFacts>;
};

export async function startNodeEngine(parts: EngineParts): Promise<ListenedEngine> {
  const engine = createEngine(parts);
  const events: EngineEvent[] = [];
  const waiting = new Set<(event: EngineEvent) => void>();
  await engine.subscribe((batch) => {
    for (const event of batch) {
      events.push(event);
      for (const see of [...waiting]) see(event);
    }
  });
  return {
    engine,
    events,
    waitForRun: (test) =>
      new Promise((resolve) => {
        const see = (event: EngineEvent) => {
          if (event.kind !== 'run' || !test(event.run)) return;
          waiting.delete(see);
          resolve(event.run);
        };
        waiting.add(see);
      }),
  };
}

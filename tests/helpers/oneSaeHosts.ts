// The hosts that a background job on one SAE's decoder asks: its directions, storage, turns and events.
import type { SaeParams } from '../../src/core/sae/sae';
import type { EngineEvent } from '../../src/engine/api';
import type { EngineHosts } from '../../src/engine/hosts';
import { makeTurns } from '../../src/engine/turns';
import { createMemoryStorage } from '../../src/storage/memoryStorage';

/** loads counts how often the directions were read. */
export function makeOneSaeHosts(
  directions: Pick<SaeParams, 'W_dec' | 'd_sae' | 'd_in'>,
  storage = createMemoryStorage(),
) {
  const events: EngineEvent[] = [];
  const loads = { count: 0 };
  const hosts = {
    parts: { storage, breathe: () => new Promise((resolve) => setImmediate(resolve)) },
    library: {
      get: (saeId: string) => Promise.resolve({ saeId }),
      params: () => {
        loads.count++;
        return Promise.resolve(directions);
      },
    },
    turns: makeTurns(),
    emit: (event: EngineEvent) => void events.push(event),
  } as unknown as EngineHosts;
  return { hosts, events, loads };
}

// The hosts that a background job on one SAE's decoder asks: its directions, storage, turns and events.
import type { SaeParams } from '../../../src/core/sae/sae';
import type { EngineEvent } from '../../../src/engine/api';
import type { EngineHosts } from '../../../src/engine/hosts';
import { makeJobs } from '../../../src/engine/jobs';
import type { SaeFacts } from '../../../src/engine/sae/api';
import { makeTurns } from '../../../src/engine/turns';
import { createMemoryStorage } from '../../../src/storage/memoryStorage';

/** loads counts how often the directions were read. */
export function makeOneSaeHosts(
  directions: Pick<SaeParams, 'W_dec' | 'd_sae' | 'd_in'>,
  storage = createMemoryStorage(),
) {
  const events: EngineEvent[] = [];
  const loads = { count: 0 };
  const emit = (event: EngineEvent) => void events.push(event);
  const parts = {
    storage,
    breathe: () => new Promise<void>((resolve) => setImmediate(resolve)),
  };
  const turns = makeTurns();
  const deleted: ((sae: SaeFacts) => Promise<void> | void)[] = [];
  const hosts = {
    parts,
    library: {
      onDeleted: (listener: (typeof deleted)[number]) => void deleted.push(listener),
      get: (saeId: string) => Promise.resolve({ saeId }),
      params: () => {
        loads.count++;
        return Promise.resolve(directions);
      },
    },
    turns,
    jobs: makeJobs({ parts, turns, emit }),
    emit,
  } as unknown as EngineHosts;
  /** The SAE is gone. */
  const deleteSae = async (saeId: string) => {
    for (const listener of deleted) await listener({ saeId } as SaeFacts);
  };
  return { hosts, events, loads, deleteSae };
}

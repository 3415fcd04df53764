// Intents on the SAEs of this browser: bring one in, take one out, delete it. The list itself is told by
// events.
import type { ModelFile } from '../../engine/shared/api';
import type { StoreContext } from '../context';
import { bugProblem, settle } from '../problems';
import { saeOf } from './saeSelectors';

/** select: opens an SAE that is listed. */
export function makeSaeActions({ api, get, patch }: StoreContext, select: (saeId: string) => void) {
  /** imported, and not listed yet */
  let arriving: string | null = null;

  function selectArrived(): void {
    const arrived = saeOf(get(), arriving);
    if (arrived === null) return;
    arriving = null;
    select(arrived.saeId);
  }

  return {
    /** Opened as soon as it is listed. */
    importFiles: async (files: ModelFile[]) => {
      patch('sae', { busy: 'import', problem: null });
      const outcome = await settle(api.sae.import(files));
      patch('sae', { busy: null, problem: outcome.ok ? null : outcome.problem });
      if (!outcome.ok) return;
      arriving = outcome.value.saeId;
      selectArrived();
    },
    /** After every list of SAEs. */
    selectArrived,
    /** The zip, or null, with the problem shown on the page. */
    exportZip: async (saeId: string): Promise<Blob | null> => {
      patch('sae', { busy: 'export', problem: null });
      const outcome = await settle(api.sae.export(saeId));
      patch('sae', { busy: null, problem: outcome.ok ? null : outcome.problem });
      return outcome.ok ? outcome.value : null;
    },
    /** One that had no room before. */
    store: async (saeId: string) => {
      patch('sae', { busy: 'store', problem: null });
      const outcome = await settle(api.sae.store(saeId));
      patch('sae', { busy: null, problem: outcome.ok ? null : outcome.problem });
    },
    deleteSae: async (saeId: string) => {
      patch('sae', { busy: 'delete', problem: null });
      try {
        await api.sae.delete(saeId);
      } catch (cause) {
        patch('sae', { problem: bugProblem(cause) });
      }
      patch('sae', { busy: null });
    },
  };
}

// Intents on records that cannot be read: hand one out as it is, delete one.
import type { StoreContext } from './context';
import { settle } from './problems';

export function makeRecordActions({ api, patch }: StoreContext) {
  return {
    /** The zip, or null, with the problem shown on the page. */
    exportRaw: async (key: string): Promise<Blob | null> => {
      const outcome = await settle(api.records.exportRaw(key));
      if (outcome.ok) return outcome.value;
      patch('shell', { banner: outcome.problem });
      return null;
    },
    deleteRecord: async (key: string) => {
      const outcome = await settle(api.records.delete(key));
      if (!outcome.ok) patch('shell', { banner: outcome.problem });
    },
  };
}

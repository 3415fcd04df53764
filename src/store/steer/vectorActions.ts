// Intents of steering vectors: make one, delete one. What there is, events tell once it changes.
import type { VectorSource } from '../../engine/steer/api';
import type { StoreContext } from '../context';
import { bugProblem, settle } from '../problems';

export function makeVectorActions({ api, get, patch }: StoreContext) {
  return {
    /** Those of earlier visits; what an event told meanwhile is newer. */
    refresh: async () => {
      const before = get().steer.vectors;
      try {
        const vectors = await api.steer.listVectors();
        if (get().steer.vectors === before) patch('steer', { vectors });
      } catch (cause) {
        patch('steer', { vectorProblem: bugProblem(cause) });
      }
    },
    make: async (source: VectorSource) => {
      patch('steer', { vectorBusy: true, vectorProblem: null });
      const outcome = await settle(api.steer.makeVector(source));
      patch('steer', { vectorBusy: false, vectorProblem: outcome.ok ? null : outcome.problem });
      return outcome.ok ? outcome.value : null;
    },
    deleteVector: async (vectorId: string) => {
      try {
        await api.steer.deleteVector(vectorId);
      } catch (cause) {
        patch('steer', { vectorProblem: bugProblem(cause) });
      }
    },
  };
}

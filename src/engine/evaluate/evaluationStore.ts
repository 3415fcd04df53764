// Stores the last evaluation of every SAE, including the demo's, so that a reload shows them.
import type { SaeEvaluation } from '../../core/evaluate/evaluation';
import type { Storage } from '../../storage/storage';

const PREFIX = 'evaluation/';

export type EvaluationStore = {
  list: () => Promise<SaeEvaluation[]>;
  put: (evaluation: SaeEvaluation) => Promise<void>;
  delete: (saeId: string) => Promise<void>;
};

export function createEvaluationStore(storage: Storage): EvaluationStore {
  return {
    async list() {
      const keys = await storage.keys(PREFIX);
      const found = await Promise.all(keys.map((key) => storage.getFacts(key)));
      return found.filter((facts) => facts !== undefined) as SaeEvaluation[];
    },
    put: (evaluation) => storage.setFacts(PREFIX + evaluation.sae.id, evaluation),
    delete: (saeId) => storage.delete(PREFIX + saeId),
  };
}

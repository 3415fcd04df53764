// The ground-truth dictionary as a feed of the training loop: what the engine would capture from a model.
import type { ActivationFeed } from '../../../src/engine/activations/activationFeed';
import type { Dictionary } from './dictionary';

export function makeDictionaryFeed({ d_in, sample }: Dictionary): ActivationFeed {
  return {
    async readBlock({ index, rows }, take) {
      const x = { where: 'cpu' as const, rows, cols: d_in, data: sample(rows, index) };
      const every = Uint32Array.from({ length: rows }, (_, i) => i);
      return take({ activations: [x], rows: every, firstRow: 0, isScaled: false });
    },
    ringText: () => null,
  };
}

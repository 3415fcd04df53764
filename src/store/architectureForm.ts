// Which fields the training form has for each architecture. What they mean and how far they may go is
// core/architecture's; what they are called is here. A new architecture is one entry.
import type { SaeArchitecture } from '../core/architecture';
import type { AdvancedFields } from '../engine/api';

/** Those that can be trained, in the order of the select. */
export const TRAINABLE: readonly SaeArchitecture[] = ['topk', 'batchtopk', 'matryoshka'];

type FieldName = keyof AdvancedFields;

export type AdvancedField = { name: FieldName; label: string; help: string } & (
  | { kind: 'number'; step?: number }
  | { kind: 'list' }
  | { kind: 'choice'; options: readonly string[] }
);

const LR: AdvancedField = {
  kind: 'number',
  name: 'lr',
  label: 'Learning rate',
  help: 'peak, of Adam',
  step: 0.0001,
};
const AUX: readonly AdvancedField[] = [
  {
    kind: 'number',
    name: 'auxKScale',
    label: 'AuxK weight',
    help: 'how strongly dead features learn from what is left over; 0 turns it off',
    step: 0.01,
  },
  { kind: 'number', name: 'k_aux', label: 'AuxK features', help: 'dead features used per token' },
];
const RATE: AdvancedField = {
  kind: 'number',
  name: 'thresholdRate',
  label: 'Threshold rate',
  help: 'how fast the inference threshold follows the batches',
  step: 0.01,
};

/** Fields beyond those of the form that every architecture shares. */
export function advancedFields(architecture: SaeArchitecture): readonly AdvancedField[] {
  switch (architecture) {
    case 'topk':
      return [LR, ...AUX];
    case 'batchtopk':
      return [LR, ...AUX, RATE];
    case 'matryoshka':
      return [
        LR,
        ...AUX,
        RATE,
        {
          kind: 'list',
          name: 'widths',
          label: 'Widths',
          help: 'features of each nested dictionary, rising, separated by commas; the last is all of them',
        },
      ];
    case 'relu':
    case 'gated':
    case 'jumprelu':
      return [LR];
    default:
      return architecture satisfies never;
  }
}

// Which fields the training form has for each architecture, and their names. core/sae/architecture defines
// their meaning and bounds. A new architecture is one entry.
import type { SaeArchitecture } from '../../core/sae/architecture';
import type { AdvancedFields } from '../../engine/train/api';

type FieldName = keyof AdvancedFields;

export type AdvancedField = { name: FieldName; label: string; help: string } & (
  | { kind: 'number'; step?: number }
  | { kind: 'list' }
  | { kind: 'choice'; options: readonly { value: string; label: string }[] }
);

function number(name: FieldName, label: string, help: string, step?: number): AdvancedField {
  return { kind: 'number', name, label, help, ...(step !== undefined && { step }) };
}

function choice(
  name: FieldName,
  label: string,
  help: string,
  options: Readonly<Record<string, string>>,
): AdvancedField {
  const entries = Object.entries(options).map(([value, text]) => ({ value, label: text }));
  return { kind: 'choice', name, label, help, options: entries };
}

const LR = number('lr', 'Learning rate', 'peak, of Adam', 0.0001);
/** Fields of every architecture, after its own. */
const SHARED: readonly AdvancedField[] = [
  choice('bDecInit', 'Decoder bias starts at', 'the geometric median ignores outliers', {
    mean: 'mean of a sample',
    geometricMedian: 'geometric median',
    zero: 'zero',
  }),
  number(
    'emaDecay',
    'Weight average',
    'decay per step of the average that is exported, e.g. 0.999; 0 exports the last weights',
    0.001,
  ),
];
const AUX: readonly AdvancedField[] = [
  number(
    'auxKScale',
    'AuxK weight',
    'how strongly dead features learn from the remaining error; 0 turns it off',
    0.01,
  ),
  number('k_aux', 'AuxK features', 'dead features used each time'),
];
const RATE = number(
  'thresholdRate',
  'Threshold rate',
  'how fast the inference threshold follows the batches',
  0.01,
);
const CLIP = number(
  'clipNorm',
  'Gradient clip',
  'largest norm of all gradients together; 0: no limit',
);
const L1: readonly AdvancedField[] = [
  number('l1Coefficient', 'L1 weight', 'more makes features fire less', 0.1),
  number('l1WarmupSteps', 'L1 warm-up', 'steps until the L1 weight is reached'),
];
const RESAMPLING: readonly AdvancedField[] = [
  number(
    'resampleInterval',
    'Resample every',
    'steps; dead features then restart from badly reconstructed inputs; a fifth of the run is usual, 0 is off',
  ),
  number('resampleCount', 'Resamplings', 'at most'),
  number('resampleInputs', 'Resampling inputs', 'inputs considered each time'),
];
const JUMP: readonly AdvancedField[] = [
  choice('mode', 'Penalty', 'the penalty for a firing feature', {
    tanh: 'tanh',
    quadratic: 'quadratic: towards a target',
    step: 'step',
  }),
  number('sparsityCoefficient', 'Penalty weight', 'more makes features fire less', 0.1),
  number('sparsityWarmupSteps', 'Penalty warm-up', 'steps until the weight is reached'),
  number('targetL0', 'Target L0', 'features active at once, on average'),
  number('bandwidth', 'Bandwidth', 'width around the threshold in which it gets gradients', 0.01),
  number('initialThreshold', 'First threshold', 'of every feature', 0.01),
  number('preActCoefficient', 'Pre-activation weight', 'pulls dead features back; 0: off', 1e-6),
];

/** Fields beyond those of the form that every architecture shares. */
export function advancedFields(architecture: SaeArchitecture): readonly AdvancedField[] {
  return [LR, ...ownFields(architecture), ...SHARED];
}

function ownFields(architecture: SaeArchitecture): readonly AdvancedField[] {
  switch (architecture) {
    case 'topk':
    case 'transcoder':
      return AUX;
    case 'batchtopk':
      return [...AUX, RATE];
    case 'matryoshka':
      return [
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
      return [
        ...L1,
        choice('decoderNorm', 'Decoder rows', 'resampling needs rows of norm 1', {
          free: 'free, with their norm penalised',
          unit: 'norm 1',
        }),
        CLIP,
        ...RESAMPLING,
      ];
    case 'gated':
      return [...L1, CLIP, ...RESAMPLING];
    case 'jumprelu':
      return [...JUMP, CLIP];
    default:
      return architecture satisfies never;
  }
}

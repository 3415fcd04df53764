// The gates of sae.md §14: what each architecture is trained with on the ground-truth dictionary, and what it
// must reach. Shared by the test and by the quality bench.
import type { ArchitectureInput } from '../../../src/core/sae/architecture';

/** Fields of the run, least median MCC, and the range of the reference's fvu. */
export type DictionaryGate = {
  name: string;
  own: ArchitectureInput;
  mcc: number;
  fvu: readonly [number, number];
};

export const DICTIONARY_GATES: readonly DictionaryGate[] = [
  { name: 'topk', own: { architecture: 'topk', k: 5 }, mcc: 0.995, fvu: [0.1, 0.1] },
  {
    name: 'batchtopk',
    own: { architecture: 'batchtopk', k: 5 },
    mcc: 0.995,
    fvu: [0.033, 0.034],
  },
  {
    name: 'matryoshka',
    own: { architecture: 'matryoshka', k: 5, widths: [24, 48, 96, 192] },
    mcc: 0.98,
    fvu: [0.048, 0.052],
  },
  {
    name: 'relu',
    own: { architecture: 'relu', l1Coefficient: 1 },
    mcc: 0.995,
    fvu: [0.061, 0.063],
  },
  {
    name: 'gated',
    own: { architecture: 'gated', l1Coefficient: 2 },
    mcc: 0.985,
    fvu: [0.038, 0.04],
  },
  {
    name: 'jumprelu-tanh',
    own: { architecture: 'jumprelu', mode: 'tanh', sparsityCoefficient: 3 },
    mcc: 0.98,
    fvu: [0.087, 0.106],
  },
  {
    name: 'jumprelu-quadratic',
    own: { architecture: 'jumprelu', mode: 'quadratic', sparsityCoefficient: 10, targetL0: 5 },
    mcc: 0.995,
    fvu: [0.035, 0.036],
  },
];

/** What a gate says of several seeds: median MCC at least `mcc`, median fvu within 10 % of the table. */
export function judgeGate(
  gate: DictionaryGate,
  marks: readonly { mcc: number; fvu: number }[],
): { mcc: number; fvu: number; isMet: boolean } {
  const mcc = median(marks.map((mark) => mark.mcc));
  const fvu = median(marks.map((mark) => mark.fvu));
  const isMet = mcc >= gate.mcc && fvu > 0.9 * gate.fvu[0] && fvu < 1.1 * gate.fvu[1];
  return { mcc, fvu, isMet };
}

function median(values: number[]): number {
  return values.sort((p, q) => p - q)[values.length >> 1]!;
}

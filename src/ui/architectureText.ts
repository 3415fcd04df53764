// What the architectures are called on screen. Pure.
import type { SaeArchitecture } from '../core/architecture';

export const ARCHITECTURE_NAMES: Readonly<Record<SaeArchitecture, string>> = {
  topk: 'TopK',
  batchtopk: 'BatchTopK',
  matryoshka: 'Matryoshka',
  relu: 'ReLU + L1',
  gated: 'Gated',
  jumprelu: 'JumpReLU',
};

/** "BatchTopK, k 32", or the name alone where k is not chosen. */
export function architectureText(architecture: SaeArchitecture, k: number | null): string {
  const name = ARCHITECTURE_NAMES[architecture];
  return k === null ? name : `${name}, k ${k}`;
}

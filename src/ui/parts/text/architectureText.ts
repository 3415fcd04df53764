// The architectures in words. Pure.
import type { SaeArchitecture } from '../../../core/sae/architecture';
import { ARCHITECTURE_NAMES } from '../../../core/sae/saeName';

/** One line under the select. */
export const ARCHITECTURE_HELP: Readonly<Record<SaeArchitecture, string>> = {
  topk: 'the k strongest features, each time',
  batchtopk: 'the strongest features of the whole batch: k on average, a threshold afterwards',
  matryoshka: 'as BatchTopK, with nested dictionaries: coarse features first, fine ones later',
  relu: 'every positive feature, with a penalty on activation',
  gated: 'a gate decides which features fire, a second path how strongly',
  jumprelu: 'each feature learns its own threshold',
  transcoder:
    'reads what an MLP reads and rebuilds what it writes: each feature is a step that the MLP takes',
};

/** "BatchTopK, k 32", or the name alone if there is no k. */
export function architectureText(architecture: SaeArchitecture, k: number | null): string {
  const name = ARCHITECTURE_NAMES[architecture];
  return k === null ? name : `${name}, k ${k}`;
}

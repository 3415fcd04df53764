// Which state an architecture adds to the four parameters.
import type { SaeArchitecture } from './architecture';

/** Parameters of shape [d_sae] beside W_enc, b_enc, W_dec, b_dec. Gated keeps b_gate in b_enc's place. */
export type ExtraName = 'b_mag' | 'r_mag' | 'threshold';

/** State of this architecture in addition to the four parameters: further [d_sae] parameters with their
 *  moments, and running values without (BatchTopK: θ, then 1 once it was set). */
export function stateShape(architecture: SaeArchitecture): {
  extra: readonly ExtraName[];
  running: number;
} {
  switch (architecture) {
    case 'topk':
    case 'transcoder':
    case 'relu':
      return { extra: [], running: 0 };
    case 'batchtopk':
    case 'matryoshka':
      return { extra: [], running: 2 };
    case 'gated':
      return { extra: ['b_mag', 'r_mag'], running: 0 };
    case 'jumprelu':
      return { extra: ['threshold'], running: 0 };
    default:
      return architecture satisfies never;
  }
}

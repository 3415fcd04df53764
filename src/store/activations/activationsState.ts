// What runs keep of their activations.
import type { KeptActivationFacts } from '../../engine/activations/api';

export type ActivationsState = {
  /** null: not told yet, or nothing can be kept here */
  kept: KeptActivationFacts | null;
};

export const FIRST_ACTIVATIONS: ActivationsState = { kept: null };

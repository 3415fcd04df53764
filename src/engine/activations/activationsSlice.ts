// The commands on kept activations.
import { outcomes } from '../problems';
import type { ActivationsApi } from './api';
import type { KeptActivations } from './keptActivations';

export function makeActivationsSlice({ setKeeping, forget }: KeptActivations): ActivationsApi {
  return outcomes({ setKeeping, forget });
}

// The error for a latent index outside the SAE.
import { ConfigError } from '../../core/errors';

/** Throws ConfigError naming value and bounds. */
export function checkLatentIndex(latentIndex: number, d_sae: number): void {
  if (Number.isInteger(latentIndex) && latentIndex >= 0 && latentIndex < d_sae) return;
  throw new ConfigError(
    `feature must be a whole number from 0 to ${d_sae - 1}: ${latentIndex}`,
    'latentIndex',
  );
}

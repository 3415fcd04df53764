// Operations and bytes of the kernels that take most of a step, by label (kernels.md section 2): what their results
// take, whatever a cache saves. Kernels that are not here are small, or depend on the data.
import type { Work } from '../../core/train/stepProfile';
import type { SaeConfig } from '../../core/sae/sae';

export function stepWork(config: SaeConfig): Readonly<Record<string, Work>> {
  const { batchSize: B, d_in: d, d_sae: n } = config;
  const product = { flop: 2 * B * n * d, bytes: 4 * (n * d + B * d + B * n) };
  const shared = {
    gather: { flop: B * d, bytes: 6 * B * d },
    sae_encode: product,
    sae_encode_registers: product,
  };
  if (!('k' in config)) return shared;
  const slots = B * config.k;
  return {
    ...shared,
    // Both matrices and their two moments, read and written; the rows of x and of the gradient that entries name.
    latent_update: { flop: 4 * slots * d + 30 * n * d, bytes: 48 * n * d + 8 * slots * d },
    // Decoder rows once: the second loop finds them in a cache.
    decode_row: { flop: 4 * slots * d, bytes: 4 * slots * d + 12 * B * d },
    bdec_grad: { flop: 2 * n * d, bytes: 4 * n * d },
  };
}

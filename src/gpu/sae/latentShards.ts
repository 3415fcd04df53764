// How the latents of an SAE are cut where one binding of a device does not hold a whole matrix: shards of whole
// rows, each a buffer of its own. Pure arithmetic over a device's caps; allocates nothing.
import { ConfigError } from '../../core/errors';
import type { GpuCaps } from '../device/device';

/** Latents first … first + count − 1. */
export type LatentShard = { first: number; count: number };

/** Shards begin at its multiples: tiles of encode, groups of columns and parts of bdec_grad never cross one. */
export const SHARD_STEP = 64;

/** Equal shards of rows of `rowBytes`, as few as one binding allows. Throws ConfigError where it does not hold
 *  SHARD_STEP rows. */
export function cutLatents(
  { storageBindingBytes }: Pick<GpuCaps, 'storageBindingBytes'>,
  { d_in, d_sae, rowBytes }: { d_in: number; d_sae: number; rowBytes: number },
): LatentShard[] {
  const most = Math.floor(storageBindingBytes / rowBytes);
  if (d_sae <= most) return [{ first: 0, count: d_sae }];
  if (most < SHARD_STEP) {
    throw new ConfigError(
      `d_in: ${SHARD_STEP} latents of width ${d_in} take ${SHARD_STEP * rowBytes} bytes, one GPU binding of this adapter ${storageBindingBytes}; choose a narrower model or hook point`,
      'd_in',
    );
  }
  const shards = Math.ceil(d_sae / (Math.floor(most / SHARD_STEP) * SHARD_STEP));
  const count = Math.ceil(d_sae / shards / SHARD_STEP) * SHARD_STEP;
  return Array.from({ length: Math.ceil(d_sae / count) }, (_, i) => ({
    first: i * count,
    count: Math.min(count, d_sae - i * count),
  }));
}

/** Rows of a shard in a [d_sae, cols] array, without a copy. */
export function shardRows<T extends Float32Array | Uint32Array>(
  matrix: T,
  { first, count }: LatentShard,
  cols: number,
): T {
  return matrix.subarray(first * cols, (first + count) * cols) as T;
}

// Twin of dead_update.wgsl: tokens since each latent fired, and which latents are dead.
import { deadLatents } from '../train/trainerState';
import type { Csc } from './csc';

export function deadUpdateReference(
  csc: Csc,
  tokensSinceFired: Uint32Array,
  { rows, deadAfter }: { rows: number; deadAfter: number },
): { tokensSinceFired: Uint32Array; dead: Uint32Array } {
  const next = tokensSinceFired.map((tokens, latent) => {
    const own = csc.entries.slice(csc.offsets[latent], csc.offsets[latent + 1]);
    if (own.some((entry) => entry.row < rows)) return 0;
    return Math.min(tokens + rows, 0xfffffffe);
  });
  return { tokensSinceFired: next, dead: deadLatents(next, deadAfter) };
}

// Steering written down from interface.md 4 alone, in float64, for one token: what twin and kernel must do.
import type { SaeParams } from '../../../src/core/sae/sae';
import type { EditSlot } from '../../../src/core/steer/steerEdit';

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);

/** enc(h) of all latents. */
export function encodeOracle(h: ArrayLike<number>, p: SaeParams): number[] {
  const centred = Array.from(h, (value, i) => value - (p.applyBDecToInput ? p.b_dec[i]! : 0));
  const pre = Array.from({ length: p.d_sae }, (_, j) =>
    centred.reduce((sum, value, i) => sum + value * p.W_enc[i * p.d_sae + j]!, p.b_enc[j]!),
  );
  switch (p.architecture) {
    case 'topk': {
      const kept = [...pre.keys()].sort((a, b) => pre[b]! - pre[a]! || a - b).slice(0, p.k);
      return pre.map((value, j) => (kept.includes(j) ? Math.max(value, 0) : 0));
    }
    case 'relu':
      return pre.map((value) => Math.max(value, 0));
    case 'jumprelu':
      return pre.map((value, j) => (value > Math.max(0, p.threshold[j]!) ? value : 0));
    case 'gated':
      return pre.map((value, j) =>
        value + p.b_gate[j]! > 0 ? Math.max(0, Math.exp(p.r_mag[j]!) * value + p.b_mag[j]!) : 0,
      );
  }
}

/** h' of one token; at most one projecting vector among the slots, whose G is the number 1 + 1e-4. */
export function steerOracle(
  h: Float64Array,
  slots: readonly EditSlot[],
  values: readonly (number | null)[],
  clip: number | null,
): Float64Array {
  const norm = Math.sqrt(dot(h, h));
  const delta = new Float64Array(h.length);
  slots.forEach((slot, s) => {
    const value = values[s] ?? null;
    if (value === null) return;
    const { latent, direction } = slot;
    const f =
      latent === null ? dot(h, direction) : encodeOracle(h, latent.params)[latent.latentIndex]!;
    const target = value * (slot.isNorm ? norm : slot.scale);
    let amount = {
      add: target,
      set: target - f,
      scale: (value - 1) * f,
      cap: Math.min(f, target) - f,
      ablate: -f,
    }[slot.mode];
    if (latent === null && slot.mode !== 'add') amount /= dot(direction, direction) + 1e-4;
    direction.forEach((part, i) => (delta[i]! += amount * part));
  });
  const length = Math.sqrt(dot(delta, delta));
  const factor = clip !== null && length > clip * norm ? (clip * norm) / length : 1;
  return h.map((value, i) => value + factor * delta[i]!);
}

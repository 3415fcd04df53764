// Seeded random numbers. Counter-based: the n-th number of a stream is a pure function of (seed, n),
// so a resumed run draws what the uninterrupted one would have drawn.

/** Mixes two u32 into one (the finaliser of MurmurHash3 over a Weyl sequence). */
export function hash32(a: number, b: number): number {
  let h = (Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) + Math.imul(b + 0x7f4a7c15, 0xc2b2ae35)) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Stream of uniforms in the open interval (0, 1). */
export type Rng = {
  next: () => number;
  /** whole number in [0, bound) */
  below: (bound: number) => number;
  /** standard normal */
  normal: () => number;
};

export function makeRng(seed: number, stream = 0): Rng {
  const key = hash32(seed >>> 0, stream >>> 0);
  let counter = 0;
  const next = () => (hash32(key, counter++) + 0.5) / 4294967296;
  return {
    next,
    below: (bound) => Math.floor(next() * bound),
    // Box–Muller, using only one of the pair: no hidden state besides the counter.
    normal: () => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next()),
  };
}

/** 0 … length−1 in an order fixed by (seed, stream): Fisher–Yates. */
export function seededPermutation(length: number, seed: number, stream = 0): Uint32Array {
  const rng = makeRng(seed, stream);
  const order = Uint32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = rng.below(i + 1);
    const held = order[i]!;
    order[i] = order[j]!;
    order[j] = held;
  }
  return order;
}

// The limits of this processor, measured in the same run: multiply-adds in registers, and copying (those of an
// adapter: src/gpu/device/adapterLimits.ts). What fraction of them a step reaches is t_limit / t_measured, with t_limit
// the longer of its multiply-adds and its bytes (kernels.md 2).
import { createArena } from '../../src/cpu/arena';
import type { Work } from '../../src/core/train/stepProfile';
import type { Shape } from './trainingCase';

/** per second */
export type Roof = Work;

/** Floating-point operations of one step, and the bytes that it has to move where nothing stays in a cache. */
function costOf([B, d, n, k]: Shape): Roof {
  return {
    flop: 2 * B * d * n + 8 * B * k * d,
    bytes: 4.6 * B * n + 48 * n * d + 4 * B * k * d + 24 * B * d,
  };
}

export function fractionOf(roof: Roof, shape: Shape, ms: number): number {
  const cost = costOf(shape);
  return (1000 * Math.max(cost.flop / roof.flop, cost.bytes / roof.bytes)) / ms;
}

/** The most of a few tries: anything else that the machine does only lowers it. */
const TRIES = 7;

/** One thread: the product's tile on operands in the first cache, in this engine's build of it; copies beyond the caches. */
export async function processorRoof(): Promise<Roof> {
  const k = 512;
  const words = 8 * 2 ** 20;
  const { kernels, at, f32 } = await createArena(
    'roof',
    { a: 4 * k, b: 8 * k, c: 32, from: words, to: words },
    null,
  );
  const calls = 2000;
  const multiply = () => {
    for (let i = 0; i < calls; i++) kernels.product(4, 8, k, at.a, at.b, at.c, 8);
  };
  const flop = (2 * 4 * 8 * k * calls) / secondsOf(multiply);
  return { flop, bytes: (2 * 4 * words) / secondsOf(() => f32.to.set(f32.from)) };
}

function secondsOf(work: () => void): number {
  let least = Infinity;
  for (let i = 0; i < TRIES; i++) {
    const began = performance.now();
    work();
    least = Math.min(least, performance.now() - began);
  }
  return least / 1000;
}

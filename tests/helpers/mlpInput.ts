// What the MLP of a block reads, from a golden's stream before it: upstream's files have only the hooks that
// SAELens reads.
import { hookPoint, parseHookPoint } from '../../src/core/activations/hookPoint';

/** eps of nanochat's norm: f32's own */
const EPS = 1.1920929e-7;

/** The rows of `blocks.{i}.hook_resid_mid` that belong to `name`; null if it is no MLP's input. */
export function streamBefore(name: string): string | null {
  if (!name.endsWith('.ln2.hook_normalized')) return null;
  return hookPoint(parseHookPoint(name).layer, 'hook_resid_mid');
}

/** Each row of `mid` [rows, width] over the root of its mean square. */
export function mlpInput(mid: Float32Array, width: number): Float32Array {
  const out = new Float32Array(mid.length);
  for (let row = 0; row < mid.length; row += width) {
    let squares = 0;
    for (let i = row; i < row + width; i++) squares += mid[i]! ** 2;
    const scale = 1 / Math.sqrt(squares / width + EPS);
    for (let i = row; i < row + width; i++) out[i] = mid[i]! * scale;
  }
  return out;
}

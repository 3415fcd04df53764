// WebGPU in Node, by the optional package `webgpu` (Dawn). Knows nothing of kernels or models.
import { existsSync } from 'node:fs';
import { pacedImmediate } from './pacedImmediate';

/** By options. Kept, because Dawn crashes when the object `create` returned is collected while a device lives. */
const entryPoints = new Map<string, GPU>();

/** A WebGPU entry point, one for each set of options, or null where the optional `webgpu` package is missing. */
export async function openDawn(options: readonly string[] = []): Promise<GPU | null> {
  let dawn: typeof import('webgpu');
  try {
    dawn = await import('webgpu');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return null;
    throw cause;
  }
  const key = options.join(' ');
  const known = entryPoints.get(key);
  if (known !== undefined) return known;
  Object.assign(globalThis, dawn.globals);
  if (entryPoints.size === 0) pace();
  const gpu = dawn.create([...options]);
  entryPoints.set(key, gpu);
  return gpu;
}

function pace(): void {
  const { setImmediate: inNextTurn, setTimeout: later } = globalThis;
  const now = () => performance.now();
  // With what the original has of its own: its form for util.promisify.
  globalThis.setImmediate = Object.assign(pacedImmediate({ inNextTurn, later, now }), inNextTurn);
}

/** Whether it is worth asking Dawn: a software driver would be slower than our own kernels for the processor. */
export function mayHaveGpu(): boolean {
  if (process.platform !== 'linux' || process.env['VK_DRIVER_FILES'] !== undefined) return true;
  return ['/dev/dri/renderD128', '/dev/nvidia0', '/dev/dxg'].some((path) => existsSync(path));
}

/** Whether ONNX Runtime is asked for CUDA: it writes a complaint to the terminal where that is missing. */
export function mayHaveCuda(): boolean {
  return existsSync('/dev/nvidia0') || existsSync('/dev/dxg');
}

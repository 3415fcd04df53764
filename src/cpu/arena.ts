// One stretch of WebAssembly memory with the compiled kernels on it: named parts of fixed size, laid out
// once. Knows no SAE. The kernels are in `wasm`.
import builds from '../../wasm/kernels.ts?compiled';
import { ConfigError } from '../core/errors';
import type { Address, CpuKernels } from './kernels';
import type { KernelThreads } from './kernelThreads';

export type Arena<N extends string> = {
  kernels: CpuKernels;
  /** How many parts a job can be done in at once. */
  threads: number;
  /** Calls a kernel once per part, each part on a thread of its own, and returns when all are done. */
  run: <K extends keyof CpuKernels>(
    kernel: K,
    parts: readonly Readonly<Parameters<CpuKernels[K]>>[],
  ) => void;
  /** where each part begins */
  at: Readonly<Record<N, Address>>;
  /** the same words as numbers of either kind */
  f32: Readonly<Record<N, Float32Array>>;
  u32: Readonly<Record<N, Uint32Array>>;
  byteLength: number;
  /** Other threads let go of the memory, which is freed with the last reference to the arena. */
  dispose: () => void;
};

const PAGE = 65_536;
/** Every part begins at a cache line. */
const LINE = 64;
/** 32-bit addresses. */
const MOST_BYTES = 2 ** 32 - PAGE;

/** Memory of the given parts (in words), zeroed; shared with `others`, if there are any.
 *  Throws ConfigError if the machine has not as much. */
export async function createArena<N extends string>(
  owner: string,
  words: Readonly<Record<N, number>>,
  others: KernelThreads | null,
): Promise<Arena<N>> {
  const names = Object.keys(words) as N[];
  const at = {} as Record<N, Address>;
  // Address 0 stays unused, so that no part looks like none.
  let end = LINE;
  for (const name of names) {
    at[name] = end;
    end += Math.ceil((4 * words[name]) / LINE) * LINE;
  }
  const isShared = others !== null;
  const memory = allocate(owner, end, isShared);
  const module = await compiled(isShared);
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  const kernels = exports as unknown as CpuKernels;
  const membership = others?.join({ module, memory }, exports) ?? null;
  const f32 = {} as Record<N, Float32Array>;
  const u32 = {} as Record<N, Uint32Array>;
  for (const name of names) {
    f32[name] = new Float32Array(memory.buffer, at[name], words[name]);
    u32[name] = new Uint32Array(memory.buffer, at[name], words[name]);
  }
  return {
    kernels,
    threads: 1 + (others?.count ?? 0),
    run: (kernel, parts) => {
      if (membership !== null) {
        membership.run(kernel, parts);
        return;
      }
      const call: (...values: number[]) => unknown = kernels[kernel];
      for (const part of parts) call(...part);
    },
    at,
    f32,
    u32,
    byteLength: end,
    dispose: () => membership?.leave(),
  };
}

function allocate(owner: string, bytes: number, shared: boolean): WebAssembly.Memory {
  const refused = (why: string) =>
    new ConfigError(
      `${owner}: ${bytes} bytes on the processor, ${why}; choose a smaller SAE or batch`,
      'd_sae',
    );
  if (bytes > MOST_BYTES) throw refused(`at most ${MOST_BYTES} fit`);
  const pages = Math.ceil(bytes / PAGE);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
  } catch (cause) {
    if (cause instanceof RangeError) throw refused('which this machine refused');
    throw cause;
  }
}

const compiling = new Map<boolean, Promise<WebAssembly.Module>>();

/** Fused multiply-add where the browser has relaxed SIMD: the product is then nearly twice as fast. */
function compiled(isShared: boolean): Promise<WebAssembly.Module> {
  const begun = compiling.get(isShared);
  if (begun !== undefined) return begun;
  const fused = bytesOf(isShared ? builds.fusedShared : builds.fused);
  const plain = () => bytesOf(isShared ? builds.plainShared : builds.plain);
  const module = WebAssembly.compile(WebAssembly.validate(fused) ? fused : plain());
  compiling.set(isShared, module);
  return module;
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

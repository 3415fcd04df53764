// One stretch of WebAssembly memory with the compiled kernels on it: named parts of fixed size, laid out
// once. Knows no SAE. The kernels are in `wasm`.
import builds from '../../wasm/kernels.ts?compiled';
import { ConfigError } from '../core/errors';

/** Byte address of a part. */
export type Address = number;

/** The kernels' exports; addresses in bytes, counts in words of four bytes. */
type CpuKernels = {
  pack: (
    src: Address,
    rowStride: number,
    colStride: number,
    rows: number,
    k: number,
    width: number,
    out: Address,
  ) => void;
  product: (
    m: number,
    n: number,
    k: number,
    a: Address,
    b: Address,
    c: Address,
    stride: number,
  ) => void;
  trapNaN: (z: Address, count: number) => number;
  topkRow: (
    z: Address,
    stride: number,
    k: number,
    width: number,
    maxima: Address,
    indices: Address,
    acts: Address,
  ) => number;
  collectRow: (
    z: Address,
    stride: number,
    first: number,
    bound: number,
    values: Address,
    positions: Address,
    count: number,
  ) => number;
  keepFirst: (values: Address, positions: Address, count: number, kept: number) => void;
  sortByPosition: (values: Address, positions: Address, count: number) => void;
  decodeSlots: (
    latents: Address,
    acts: Address,
    count: number,
    W: Address,
    d: number,
    target: Address,
    scale: number,
    out: Address,
  ) => void;
  squaresThenScale: (x: Address, d: number, scale: number) => number;
  addRow: (x: Address, y: Address, d: number) => void;
  dotSlots: (
    latents: Address,
    count: number,
    W: Address,
    d: number,
    row: Address,
    out: Address,
  ) => void;
  latentGradients: (
    entryRows: Address,
    entryActs: Address,
    entryDeltas: Address,
    count: number,
    rows: number,
    xc: Address,
    gradient: Address,
    d: number,
    gEnc: Address,
    gDec: Address,
  ) => void;
  projectRow: (g: Address, w: Address, d: number) => void;
  normaliseRow: (w: Address, d: number) => void;
  rowNorms: (W: Address, rows: number, d: number, out: Address) => void;
  addRows: (factors: Address, count: number, W: Address, d: number, out: Address) => void;
  adam: (
    p: Address,
    m: Address,
    v: Address,
    g: Address,
    count: number,
    beta1: number,
    beta2: number,
    eps: number,
    rate: number,
    secondScale: number,
  ) => void;
  average: (averages: Address, values: Address, count: number, rate: number) => void;
};

export type Arena<N extends string> = {
  kernels: CpuKernels;
  /** where each part begins */
  at: Readonly<Record<N, Address>>;
  /** the same words as numbers of either kind */
  f32: Readonly<Record<N, Float32Array>>;
  u32: Readonly<Record<N, Uint32Array>>;
  byteLength: number;
};

const PAGE = 65_536;
/** Every part begins at a cache line. */
const LINE = 64;
/** 32-bit addresses. */
const MOST_BYTES = 2 ** 32 - PAGE;

/** Memory of the given parts (in words), zeroed. It is freed with the last reference to the arena.
 *  Throws ConfigError if the machine has not as much. */
export async function createArena<N extends string>(
  owner: string,
  words: Readonly<Record<N, number>>,
): Promise<Arena<N>> {
  const names = Object.keys(words) as N[];
  const at = {} as Record<N, Address>;
  // Address 0 stays unused, so that no part looks like none.
  let end = LINE;
  for (const name of names) {
    at[name] = end;
    end += Math.ceil((4 * words[name]) / LINE) * LINE;
  }
  const memory = allocate(owner, end);
  const { exports } = await WebAssembly.instantiate(await compiled(), { env: { memory } });
  const f32 = {} as Record<N, Float32Array>;
  const u32 = {} as Record<N, Uint32Array>;
  for (const name of names) {
    f32[name] = new Float32Array(memory.buffer, at[name], words[name]);
    u32[name] = new Uint32Array(memory.buffer, at[name], words[name]);
  }
  return { kernels: exports as unknown as CpuKernels, at, f32, u32, byteLength: end };
}

function allocate(owner: string, bytes: number): WebAssembly.Memory {
  const refused = (why: string) =>
    new ConfigError(
      `${owner}: ${bytes} bytes on the processor, ${why}; choose a smaller SAE or batch`,
      'd_sae',
    );
  if (bytes > MOST_BYTES) throw refused(`at most ${MOST_BYTES} fit`);
  const pages = Math.ceil(bytes / PAGE);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages });
  } catch (cause) {
    if (cause instanceof RangeError) throw refused('which this machine refused');
    throw cause;
  }
}

let compiling: Promise<WebAssembly.Module> | null = null;

/** Fused multiply-add where the browser has relaxed SIMD: the product is then nearly twice as fast. */
function compiled(): Promise<WebAssembly.Module> {
  compiling ??= (() => {
    const fused = bytesOf(builds.fused);
    return WebAssembly.compile(WebAssembly.validate(fused) ? fused : bytesOf(builds.plain));
  })();
  return compiling;
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

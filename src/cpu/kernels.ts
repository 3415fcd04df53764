// What the compiled kernels export (wasm/kernels.ts). Types only.

/** Byte address of a part. */
export type Address = number;

/** The kernels' exports; addresses in bytes, counts in words of four bytes. */
export type CpuKernels = {
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
  topkRows: (
    z: Address,
    rows: number,
    stride: number,
    k: number,
    width: number,
    maxima: Address,
    indices: Address,
    acts: Address,
    counts: Address,
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
  decodeRows: (
    first: number,
    end: number,
    starts: Address,
    latents: Address,
    acts: Address,
    deltas: Address,
    W: Address,
    d: number,
    targets: Address,
    gradScale: number,
    gradient: Address,
    squares: Address,
  ) => void;
  updateLatents: (
    first: number,
    end: number,
    offsets: Address,
    entryRows: Address,
    entryActs: Address,
    entryDeltas: Address,
    rows: number,
    xc: Address,
    gradient: Address,
    d: number,
    gEnc: Address,
    gDec: Address,
    W_enc: Address,
    encM: Address,
    encV: Address,
    W_dec: Address,
    decM: Address,
    decV: Address,
    beta1: number,
    beta2: number,
    eps: number,
    rate: number,
    secondScale: number,
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

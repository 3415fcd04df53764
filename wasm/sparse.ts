// From a sparse code to gradients: rows of the decoder are gathered, and each latent's gradients are summed
// over the rows that hold it. Widths (d) are multiples of 4; padding columns hold 0.
import { multiplyAdd } from './multiplyAdd';

/** out [d] = scale · target + Σ acts · W[latents]. */
export function decodeSlots(
  latents: usize,
  acts: usize,
  count: i32,
  W: usize,
  d: i32,
  target: usize,
  scale: f32,
  out: usize,
): void {
  const scales = f32x4.splat(scale);
  let i = 0;
  for (; i + 16 <= d; i += 16) {
    const at = i << 2;
    let s0 = f32x4.mul(scales, v128.load(target + at));
    let s1 = f32x4.mul(scales, v128.load(target + at, 16));
    let s2 = f32x4.mul(scales, v128.load(target + at, 32));
    let s3 = f32x4.mul(scales, v128.load(target + at, 48));
    for (let slot = 0; slot < count << 2; slot += 4) {
      const act = v128.load_splat<f32>(acts + slot);
      const w = W + ((load<u32>(latents + slot) * d + i) << 2);
      s0 = multiplyAdd(act, v128.load(w), s0);
      s1 = multiplyAdd(act, v128.load(w, 16), s1);
      s2 = multiplyAdd(act, v128.load(w, 32), s2);
      s3 = multiplyAdd(act, v128.load(w, 48), s3);
    }
    v128.store(out + at, s0);
    v128.store(out + at, s1, 16);
    v128.store(out + at, s2, 32);
    v128.store(out + at, s3, 48);
  }
  for (; i < d; i += 4) {
    const at = i << 2;
    let sum = f32x4.mul(scales, v128.load(target + at));
    for (let slot = 0; slot < count << 2; slot += 4) {
      const act = v128.load_splat<f32>(acts + slot);
      sum = multiplyAdd(act, v128.load(W + ((load<u32>(latents + slot) * d + i) << 2)), sum);
    }
    v128.store(out + at, sum);
  }
}

/** Σ x², then x ← scale · x; d values. */
export function squaresThenScale(x: usize, d: i32, scale: f32): f64 {
  const scales = f32x4.splat(scale);
  let squares = f32x4.splat(0);
  for (let at = x; at < x + (d << 2); at += 16) {
    const value = v128.load(at);
    squares = multiplyAdd(value, value, squares);
    v128.store(at, f32x4.mul(scales, value));
  }
  return <f64>sumLanes(squares);
}

/** x += y; d values. */
export function addRow(x: usize, y: usize, d: i32): void {
  for (let at = 0; at < d << 2; at += 16) {
    v128.store(x + at, f32x4.add(v128.load(x + at), v128.load(y + at)));
  }
}

/** out [count] = row · W[latents]. */
export function dotSlots(
  latents: usize,
  count: i32,
  W: usize,
  d: i32,
  row: usize,
  out: usize,
): void {
  for (let slot = 0; slot < count << 2; slot += 4) {
    store<f32>(out + slot, dot(row, W + ((load<u32>(latents + slot) * d) << 2), d));
  }
}

function dot(x: usize, y: usize, d: i32): f32 {
  let even = f32x4.splat(0);
  let odd = f32x4.splat(0);
  let at = 0;
  for (; at + 32 <= d << 2; at += 32) {
    even = multiplyAdd(v128.load(x + at), v128.load(y + at), even);
    odd = multiplyAdd(v128.load(x + at, 16), v128.load(y + at, 16), odd);
  }
  for (; at < d << 2; at += 16) even = multiplyAdd(v128.load(x + at), v128.load(y + at), even);
  return sumLanes(f32x4.add(even, odd));
}

function sumLanes(x: v128): f32 {
  return (
    f32x4.extract_lane(x, 0) +
    f32x4.extract_lane(x, 1) +
    (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3))
  );
}

/** Gradients of one latent from its entries (gradient row, act, ∂L/∂preAct): gEnc [d] = Σ δ · xc[row mod
 *  rows], gDec [d] = Σ act · gradient[row]. */
export function latentGradients(
  entryRows: usize,
  entryActs: usize,
  entryDeltas: usize,
  count: i32,
  rows: u32,
  xc: usize,
  gradient: usize,
  d: i32,
  gEnc: usize,
  gDec: usize,
): void {
  let i = 0;
  for (; i + 16 <= d; i += 16) {
    let e0 = f32x4.splat(0);
    let e1 = f32x4.splat(0);
    let e2 = f32x4.splat(0);
    let e3 = f32x4.splat(0);
    let d0 = f32x4.splat(0);
    let d1 = f32x4.splat(0);
    let d2 = f32x4.splat(0);
    let d3 = f32x4.splat(0);
    for (let entry = 0; entry < count << 2; entry += 4) {
      const row = load<u32>(entryRows + entry);
      const x = xc + (((row % rows) * d + i) << 2);
      const g = gradient + ((row * d + i) << 2);
      const delta = v128.load_splat<f32>(entryDeltas + entry);
      const act = v128.load_splat<f32>(entryActs + entry);
      e0 = multiplyAdd(delta, v128.load(x), e0);
      e1 = multiplyAdd(delta, v128.load(x, 16), e1);
      e2 = multiplyAdd(delta, v128.load(x, 32), e2);
      e3 = multiplyAdd(delta, v128.load(x, 48), e3);
      d0 = multiplyAdd(act, v128.load(g), d0);
      d1 = multiplyAdd(act, v128.load(g, 16), d1);
      d2 = multiplyAdd(act, v128.load(g, 32), d2);
      d3 = multiplyAdd(act, v128.load(g, 48), d3);
    }
    const at = i << 2;
    v128.store(gEnc + at, e0);
    v128.store(gEnc + at, e1, 16);
    v128.store(gEnc + at, e2, 32);
    v128.store(gEnc + at, e3, 48);
    v128.store(gDec + at, d0);
    v128.store(gDec + at, d1, 16);
    v128.store(gDec + at, d2, 32);
    v128.store(gDec + at, d3, 48);
  }
  for (; i < d; i += 4) {
    let e = f32x4.splat(0);
    let g = f32x4.splat(0);
    for (let entry = 0; entry < count << 2; entry += 4) {
      const row = load<u32>(entryRows + entry);
      const x = v128.load(xc + (((row % rows) * d + i) << 2));
      e = multiplyAdd(v128.load_splat<f32>(entryDeltas + entry), x, e);
      const y = v128.load(gradient + ((row * d + i) << 2));
      g = multiplyAdd(v128.load_splat<f32>(entryActs + entry), y, g);
    }
    v128.store(gEnc + (i << 2), e);
    v128.store(gDec + (i << 2), g);
  }
}

/** g −= (g · ŵ) ŵ; d values. */
export function projectRow(g: usize, w: usize, d: i32): void {
  const along = f32x4.splat(-dot(g, w, d) / dot(w, w, d));
  for (let at = 0; at < d << 2; at += 16) {
    v128.store(g + at, multiplyAdd(along, v128.load(w + at), v128.load(g + at)));
  }
}

/** w ← w / ‖w‖; d values. */
export function normaliseRow(w: usize, d: i32): void {
  const norms = f32x4.splat(sqrt<f32>(dot(w, w, d)));
  for (let at = w; at < w + (d << 2); at += 16) {
    v128.store(at, f32x4.div(v128.load(at), norms));
  }
}

/** out [d] += Σ factors[i] · W[i], over `count` rows of W. */
export function addRows(factors: usize, count: i32, W: usize, d: i32, out: usize): void {
  for (let row = 0; row < count; row++) {
    const factor = load<f32>(factors + (row << 2));
    if (factor === 0) continue;
    const factors4 = f32x4.splat(factor);
    const w = W + ((row * d) << 2);
    for (let at = 0; at < d << 2; at += 16) {
      v128.store(out + at, multiplyAdd(factors4, v128.load(w + at), v128.load(out + at)));
    }
  }
}

/** out [rows] = ‖W[row]‖. */
export function rowNorms(W: usize, rows: i32, d: i32, out: usize): void {
  for (let row = 0; row < rows; row++) {
    const w = W + ((row * d) << 2);
    store<f32>(out + (row << 2), sqrt<f32>(dot(w, w, d)));
  }
}

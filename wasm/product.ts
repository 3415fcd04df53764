// The matrix product of the processor backend: C += A · Bᵀ from operands packed so that the innermost loop
// reads both in order. AssemblyScript; the host lays out the memory, nothing here allocates.
// A tile of C is 4 × 8: eight sums and two vectors of B stay in the sixteen vector registers of x86-64.

import { multiplyAdd } from './multiplyAdd';

/** Packs `rows` rows of `k` values into panels of `width` rows: [⌈rows / width⌉, k, width], missing rows 0.
 *  src: value (r, i) at word r · rowStride + i · colStride. */
export function pack(
  src: usize,
  rowStride: i32,
  colStride: i32,
  rows: i32,
  k: i32,
  width: i32,
  out: usize,
): void {
  for (let first = 0; first < rows; first += width) {
    const count = min(width, rows - first);
    for (let i = 0; i < k; i++) {
      for (let r = 0; r < count; r++) {
        const at = (first + r) * rowStride + i * colStride;
        store<f32>(out + (r << 2), load<f32>(src + (at << 2)));
      }
      for (let r = count; r < width; r++) store<f32>(out + (r << 2), 0);
      out += width << 2;
    }
  }
}

/** C [m, n] += A · Bᵀ; a: panels of 4, b: panels of 8, of the same k; m and n up to whole panels.
 *  stride: words per row of C, which has room for whole panels. */
export function product(m: i32, n: i32, k: i32, a: usize, b: usize, c: usize, stride: i32): void {
  for (let j = 0; j < n; j += 8) {
    const panel = b + ((j * k) << 2);
    for (let i = 0; i < m; i += 4) {
      tile(k, a + ((i * k) << 2), panel, c + ((i * stride + j) << 2), stride << 2);
    }
  }
}

function tile(k: i32, a: usize, b: usize, c: usize, stride: usize): void {
  const c1 = c + stride;
  const c2 = c1 + stride;
  const c3 = c2 + stride;
  let s00 = v128.load(c);
  let s01 = v128.load(c, 16);
  let s10 = v128.load(c1);
  let s11 = v128.load(c1, 16);
  let s20 = v128.load(c2);
  let s21 = v128.load(c2, 16);
  let s30 = v128.load(c3);
  let s31 = v128.load(c3, 16);
  for (let i = 0; i < k; i++) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load_splat<f32>(a);
    s00 = multiplyAdd(x, b0, s00);
    s01 = multiplyAdd(x, b1, s01);
    x = v128.load_splat<f32>(a, 4);
    s10 = multiplyAdd(x, b0, s10);
    s11 = multiplyAdd(x, b1, s11);
    x = v128.load_splat<f32>(a, 8);
    s20 = multiplyAdd(x, b0, s20);
    s21 = multiplyAdd(x, b1, s21);
    x = v128.load_splat<f32>(a, 12);
    s30 = multiplyAdd(x, b0, s30);
    s31 = multiplyAdd(x, b1, s31);
    a += 16;
    b += 32;
  }
  v128.store(c, s00);
  v128.store(c, s01, 16);
  v128.store(c1, s10);
  v128.store(c1, s11, 16);
  v128.store(c2, s20);
  v128.store(c2, s21, 16);
  v128.store(c3, s30);
  v128.store(c3, s31, 16);
}

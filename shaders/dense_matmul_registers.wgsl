// The products of dense_matmul.wgsl without workgroup memory or barriers, for adapters that run on a CPU
// (kernels.md §7): out = A·B (NN) or Aᵀ·B (TN), added to what is there where dims.accumulate ≠ 0.
// in   A: NN [m, a4·4], k along the row; TN [k, a4·4], m along the row. B [k, b4·4]. Tails of A are 0;
//      dims {m, k, accumulate}
// out  out [m, b4·4]
// A thread makes 4 rows × 4 columns. Its 8 lanes are one SIMD vector of lavapipe: they differ in rows, so
// B is read at an address equal in all of them.
// Prelude: LANES, TRANSPOSE_A.

override a4: u32;
override b4: u32;

struct Dims {
  m: u32,
  k: u32,
  accumulate: u32,
}

@group(0) @binding(0) var<storage, read> A: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> B: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> out: array<vec4<f32>>;
@group(0) @binding(3) var<uniform> dims: Dims;

fn rows_of_a_transposed(row0: u32, quad: u32) -> array<vec4<f32>, 4> {
  var sums = array<vec4<f32>, 4>();
  let column = min(row0 / 4u, a4 - 1u);
  for (var k = 0u; k < dims.k; k++) {
    let a = A[k * a4 + column];
    let b = B[k * b4 + quad];
    sums[0] += a.x * b;
    sums[1] += a.y * b;
    sums[2] += a.z * b;
    sums[3] += a.w * b;
  }
  return sums;
}

fn rows_of_a(row0: u32, quad: u32) -> array<vec4<f32>, 4> {
  var sums = array<vec4<f32>, 4>();
  // Rows past the end repeat the last one and are never stored.
  let last = dims.m - 1u;
  let p0 = min(row0, last) * a4;
  let p1 = min(row0 + 1u, last) * a4;
  let p2 = min(row0 + 2u, last) * a4;
  let p3 = min(row0 + 3u, last) * a4;
  for (var k4 = 0u; k4 * 4u < dims.k; k4++) {
    let p = A[p0 + k4];
    let q = A[p1 + k4];
    let r = A[p2 + k4];
    let s = A[p3 + k4];
    for (var i = 0u; i < 4u; i++) {
      // A's tail is 0, so a row past the end of B may be replaced by the last one: it is multiplied by 0.
      let b = B[min(k4 * 4u + i, dims.k - 1u) * b4 + quad];
      sums[0] += p[i] * b;
      sums[1] += q[i] * b;
      sums[2] += r[i] * b;
      sums[3] += s[i] * b;
    }
  }
  return sums;
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) tile: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let row0 = (tile.y * LANES + lane) * 4u;
  let quad = tile.x;
  var sums: array<vec4<f32>, 4>;
  if (TRANSPOSE_A) {
    sums = rows_of_a_transposed(row0, quad);
  } else {
    sums = rows_of_a(row0, quad);
  }
  for (var i = 0u; i < 4u; i++) {
    if (row0 + i < dims.m) {
      let at = (row0 + i) * b4 + quad;
      if (dims.accumulate != 0u) {
        sums[i] += out[at];
      }
      out[at] = sums[i];
    }
  }
}

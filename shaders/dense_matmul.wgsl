// Matrix product of the dense architectures, beside sae_encode's NT: out = A·B (NN) or Aᵀ·B (TN), added
// to what is there where dims.accumulate ≠ 0 (a later row chunk).
// in   A: NN [m, a4·4], k along the row; TN [k, a4·4], m along the row. B [k, b4·4]. Tails of A are 0;
//      dims {m, k, accumulate}
// out  out [m, b4·4]
// Two-level tile as in sae_encode: TILE × TILE outputs a workgroup, 8 × 4 a thread, K-slices of 16 in
// workgroup memory, [slice][quad], one vec4 of padding per slice row. NN transposes A on the way in; TN
// already has both operands in that layout.
// Prelude: LANES (TILE · TILE / 32), TILE, TRANSPOSE_A.

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

const QUADS: u32 = TILE / 4u;
const SLICE: u32 = 16u;
const PITCH: u32 = QUADS + 1u;

var<workgroup> a_tile: array<vec4<f32>, SLICE * PITCH>;
var<workgroup> b_tile: array<vec4<f32>, SLICE * PITCH>;

fn load_row_a(row: u32, k4: u32) -> vec4<f32> {
  // Rows past the end repeat the last one and are never stored.
  return A[min(row, dims.m - 1u) * a4 + k4];
}

fn fill_a(lane: u32, row0: u32, k0: u32) {
  if (TRANSPOSE_A) {
    for (var piece = lane; piece < SLICE * QUADS; piece += LANES) {
      let quad = piece % QUADS;
      let k = piece / QUADS;
      var value = vec4<f32>();
      if (k0 + k < dims.k && row0 / 4u + quad < a4) {
        value = A[(k0 + k) * a4 + row0 / 4u + quad];
      }
      a_tile[k * PITCH + quad] = value;
    }
  } else {
    for (var piece = lane; piece < QUADS * (SLICE / 4u); piece += LANES) {
      let k4 = piece % (SLICE / 4u);
      let quad = piece / (SLICE / 4u);
      let at4 = k0 / 4u + k4;
      var m = mat4x4<f32>();
      if (at4 < a4) {
        let r = row0 + quad * 4u;
        m = transpose(mat4x4<f32>(
          load_row_a(r, at4),
          load_row_a(r + 1u, at4),
          load_row_a(r + 2u, at4),
          load_row_a(r + 3u, at4),
        ));
      }
      for (var i = 0u; i < 4u; i++) {
        a_tile[(k4 * 4u + i) * PITCH + quad] = m[i];
      }
    }
  }
}

fn fill_b(lane: u32, quad0: u32, k0: u32) {
  for (var piece = lane; piece < SLICE * QUADS; piece += LANES) {
    let quad = piece % QUADS;
    let k = piece / QUADS;
    var value = vec4<f32>();
    if (k0 + k < dims.k && quad0 + quad < b4) {
      value = B[(k0 + k) * b4 + quad0 + quad];
    }
    b_tile[k * PITCH + quad] = value;
  }
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) tile: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let row0 = tile.y * TILE;
  let quad0 = tile.x * QUADS;
  let col_quad = lane % QUADS;
  let row_quad = lane / QUADS * 2u;

  var sums = array<vec4<f32>, 8>();
  for (var k0 = 0u; k0 < dims.k; k0 += SLICE) {
    fill_a(lane, row0, k0);
    fill_b(lane, quad0, k0);
    workgroupBarrier();
    for (var k = 0u; k < SLICE; k++) {
      let b = b_tile[k * PITCH + col_quad];
      for (var q = 0u; q < 2u; q++) {
        let a = a_tile[k * PITCH + row_quad + q];
        sums[q * 4u] = fma(vec4<f32>(a.x), b, sums[q * 4u]);
        sums[q * 4u + 1u] = fma(vec4<f32>(a.y), b, sums[q * 4u + 1u]);
        sums[q * 4u + 2u] = fma(vec4<f32>(a.z), b, sums[q * 4u + 2u]);
        sums[q * 4u + 3u] = fma(vec4<f32>(a.w), b, sums[q * 4u + 3u]);
      }
    }
    workgroupBarrier();
  }

  if (quad0 + col_quad >= b4) {
    return;
  }
  for (var i = 0u; i < 8u; i++) {
    let row = row0 + row_quad * 4u + i;
    if (row < dims.m) {
      let at = row * b4 + quad0 + col_quad;
      out[at] = sums[i] + select(vec4<f32>(), out[at], dims.accumulate != 0u);
    }
  }
}

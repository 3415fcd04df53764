// Pre-activations of a row chunk: preActs = xc · W_encᵀ + b_enc, and their maxima over groups of columns.
// in   xc [rows, D4·4] f32 (row stride a multiple of 4, zero tail); W_enc: rows of the shard's latents,
//      [shard.count, D4·4], of a matrix [n, D4·4]; b_enc [n]; chunk {rows}; shard {first, count}
// out  the shard's columns of preActs [rows, nStride], unclamped (AuxK ranks negatives too), columns ≥ n =
//      lowest finite f32; and of groupMax [rows, nStride/groupWidth]; counters[0] += pre-activations that were NaN (stored as lowest
//      finite, so they never win)
// Two-level tile: a workgroup makes TILE_ROWS × TILE_COLS outputs from K-slices of SLICE in workgroup memory, a
// thread PER_ROWS × 4 of them in registers. Slices are transposed on the way in, so that the inner loop
// reads vec4 along rows and columns; one vec4 of padding per slice row spreads the banks.
// Prelude: TILE_ROWS, TILE_COLS, PER_ROWS (a multiple of 4), SLICE (likewise),
// LANES (TILE_ROWS / PER_ROWS · TILE_COLS / 4),
// Weights (vec4 of f32 or f16; arithmetic is always f32).
// Parts: finish_pre_acts, shard.

override d4: u32;
override n: u32;
override n_stride: u32;
override group_width: u32;

struct Chunk {
  rows: u32,
}

@group(0) @binding(0) var<storage, read> xc: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> W_enc: array<Weights>;
@group(0) @binding(2) var<storage, read> b_enc: array<f32>;
@group(0) @binding(3) var<storage, read_write> preActs: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> groupMax: array<f32>;
@group(0) @binding(5) var<storage, read_write> counters: array<atomic<u32>>;
@group(0) @binding(6) var<uniform> chunk: Chunk;
@group(0) @binding(7) var<uniform> shard: Shard;

const COL_QUADS: u32 = TILE_COLS / 4u;
const ROW_QUADS: u32 = TILE_ROWS / 4u;
const PER_QUADS: u32 = PER_ROWS / 4u;
const X_PIECES: u32 = ROW_QUADS * (SLICE / 4u);
const PIECES: u32 = X_PIECES + COL_QUADS * (SLICE / 4u);
const X_PITCH: u32 = ROW_QUADS + 1u;
const W_PITCH: u32 = COL_QUADS + 1u;

// [slice row][row quad]; after the last slice it holds row maxima as [column quad][row quad].
var<workgroup> x_tile: array<vec4<f32>, max(SLICE, COL_QUADS) * X_PITCH>;
var<workgroup> w_tile: array<vec4<f32>, SLICE * W_PITCH>;

fn load_x(row: u32, k4: u32) -> vec4<f32> {
  // Rows past the end repeat the last one and are never stored.
  return xc[min(row, chunk.rows - 1u) * d4 + k4];
}

fn load_w(latent: u32, k4: u32) -> vec4<f32> {
  return vec4<f32>(W_enc[(min(latent, n - 1u) - shard.first) * d4 + k4]);
}

// Copies 4 rows × 4 k, transposed in registers.
fn fill_tiles(lane: u32, row0: u32, latent0: u32, slice4: u32) {
  for (var piece = lane; piece < PIECES; piece += LANES) {
    let is_x = piece < X_PIECES;
    let b = select(piece - X_PIECES, piece, is_x);
    let k4 = b % (SLICE / 4u);
    let quad = b / (SLICE / 4u);
    var m = mat4x4<f32>();
    if (slice4 + k4 < d4) {
      if (is_x) {
        let r = row0 + quad * 4u;
        m = mat4x4<f32>(
          load_x(r, slice4 + k4),
          load_x(r + 1u, slice4 + k4),
          load_x(r + 2u, slice4 + k4),
          load_x(r + 3u, slice4 + k4),
        );
      } else {
        let c = latent0 + quad * 4u;
        m = mat4x4<f32>(
          load_w(c, slice4 + k4),
          load_w(c + 1u, slice4 + k4),
          load_w(c + 2u, slice4 + k4),
          load_w(c + 3u, slice4 + k4),
        );
      }
    }
    let t = transpose(m);
    for (var i = 0u; i < 4u; i++) {
      if (is_x) {
        x_tile[(k4 * 4u + i) * X_PITCH + quad] = t[i];
      } else {
        w_tile[(k4 * 4u + i) * W_PITCH + quad] = t[i];
      }
    }
  }
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) tile: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let row0 = tile.y * TILE_ROWS;
  let latent0 = shard.first + tile.x * TILE_COLS;
  let col_quad = lane % COL_QUADS;
  let row_quad = lane / COL_QUADS * PER_QUADS;

  var sums = array<vec4<f32>, PER_ROWS>();
  for (var slice4 = 0u; slice4 < d4; slice4 += SLICE / 4u) {
    fill_tiles(lane, row0, latent0, slice4);
    workgroupBarrier();
    for (var k = 0u; k < SLICE; k++) {
      let w = w_tile[k * W_PITCH + col_quad];
      for (var q = 0u; q < PER_QUADS; q++) {
        let x = x_tile[k * X_PITCH + row_quad + q];
        sums[q * 4u] = fma(vec4<f32>(x.x), w, sums[q * 4u]);
        sums[q * 4u + 1u] = fma(vec4<f32>(x.y), w, sums[q * 4u + 1u]);
        sums[q * 4u + 2u] = fma(vec4<f32>(x.z), w, sums[q * 4u + 2u]);
        sums[q * 4u + 3u] = fma(vec4<f32>(x.w), w, sums[q * 4u + 3u]);
      }
    }
    workgroupBarrier();
  }

  let latent = latent0 + col_quad * 4u;
  for (var q = 0u; q < PER_QUADS; q++) {
    var maxima = vec4<f32>(LOWEST);
    for (var i = 0u; i < 4u; i++) {
      let row = row0 + (row_quad + q) * 4u + i;
      let inside = row < chunk.rows;
      let z = finish(sums[q * 4u + i], latent, inside);
      if (inside) {
        preActs[row * (n_stride / 4u) + latent / 4u] = z;
      }
      maxima[i] = max(max(z.x, z.y), max(z.z, z.w));
    }
    x_tile[col_quad * X_PITCH + row_quad + q] = maxima;
  }
  workgroupBarrier();

  let width4 = group_width / 4u;
  let tile_groups = COL_QUADS / width4;
  for (var item = lane; item < tile_groups * ROW_QUADS; item += LANES) {
    let group = item % tile_groups;
    let quad = item / tile_groups;
    var best = vec4<f32>(LOWEST);
    for (var c = 0u; c < width4; c++) {
      best = max(best, x_tile[(group * width4 + c) * X_PITCH + quad]);
    }
    for (var i = 0u; i < 4u; i++) {
      let row = row0 + quad * 4u + i;
      if (row < chunk.rows) {
        groupMax[row * (n_stride / group_width) + latent0 / group_width + group] = best[i];
      }
    }
  }
}

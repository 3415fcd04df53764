// The same pre-activations as sae_encode.wgsl, without workgroup memory or barriers: for adapters that
// run on a CPU, where a barrier costs thousands of multiplications (kernels.md §7; 5–10 times faster there).
// in   xc [rows, D4·4] f32 (row stride a multiple of 4, zero tail); W_enc: rows of the shard's latents,
//      [shard.count, D4·4], of a matrix [n, D4·4]; b_enc [n]; chunk {rows}; shard {first, count}
// out  the shard's columns of preActs [rows, nStride], unclamped (AuxK ranks negatives too), columns ≥ n =
//      lowest finite f32; and of groupMax [rows, nStride/groupWidth]; counters[0] += pre-activations that were NaN (stored as lowest
//      finite, so they never win)
// A thread makes 4 rows × one column group, 4 columns at a time. Its 8 lanes are one SIMD vector of
// lavapipe; W_enc is read at an address equal in all of them, which it turns into one scalar load.
// Prelude: LANES, Weights (vec4 of f32 or f16; arithmetic is always f32). Parts: finish_pre_acts, shard.

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

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) tile: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let first = shard.first + tile.x * group_width;
  let row0 = (tile.y * LANES + lane) * 4u;
  let last = chunk.rows - 1u;
  // Rows past the end repeat the last one and are never stored.
  let x0 = min(row0, last) * d4;
  let x1 = min(row0 + 1u, last) * d4;
  let x2 = min(row0 + 2u, last) * d4;
  let x3 = min(row0 + 3u, last) * d4;

  var best = vec4<f32>(LOWEST);
  for (var c = 0u; c < group_width; c += 4u) {
    let latent = first + c;
    let w0 = (min(latent, n - 1u) - shard.first) * d4;
    let w1 = (min(latent + 1u, n - 1u) - shard.first) * d4;
    let w2 = (min(latent + 2u, n - 1u) - shard.first) * d4;
    let w3 = (min(latent + 3u, n - 1u) - shard.first) * d4;
    // The initialiser matters: Tint (npm webgpu 0.6.2) does not zero a bare `var` again in a loop.
    var sums = array<vec4<f32>, 4>();
    for (var k = 0u; k < d4; k++) {
      let a = vec4<f32>(W_enc[w0 + k]);
      let b = vec4<f32>(W_enc[w1 + k]);
      let c = vec4<f32>(W_enc[w2 + k]);
      let d = vec4<f32>(W_enc[w3 + k]);
      let p = xc[x0 + k];
      let q = xc[x1 + k];
      let r = xc[x2 + k];
      let s = xc[x3 + k];
      sums[0] += vec4<f32>(dot(p, a), dot(p, b), dot(p, c), dot(p, d));
      sums[1] += vec4<f32>(dot(q, a), dot(q, b), dot(q, c), dot(q, d));
      sums[2] += vec4<f32>(dot(r, a), dot(r, b), dot(r, c), dot(r, d));
      sums[3] += vec4<f32>(dot(s, a), dot(s, b), dot(s, c), dot(s, d));
    }
    for (var i = 0u; i < 4u; i++) {
      let inside = row0 + i < chunk.rows;
      let z = finish(sums[i], latent, inside);
      if (inside) {
        preActs[(row0 + i) * (n_stride / 4u) + latent / 4u] = z;
      }
      best[i] = max(best[i], max(max(z.x, z.y), max(z.z, z.w)));
    }
  }
  for (var i = 0u; i < 4u; i++) {
    if (row0 + i < chunk.rows) {
      groupMax[(row0 + i) * (n_stride / group_width) + first / group_width] = best[i];
    }
  }
}

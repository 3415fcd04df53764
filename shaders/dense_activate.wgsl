// latentActs of ReLU, Gated and JumpReLU from pre-activations, dense (sae.md §5–7).
// in   preActs [rows, n4·4] (Gated: u, without any bias; columns ≥ n are ignored); vectors [V, 3, n]:
//      value, m, v of each latent vector: ReLU b_enc; Gated b_gate, b_mag, r_mag; JumpReLU b_enc, θ;
//      chunk {rows}
// out  acts [rows, n4·4], columns ≥ n = 0; gateActs, the same shape: Gated's ReLU(π_g), else untouched
// One thread per 4 columns.
// Prelude: LANES, KIND (RELU, GATED or JUMPRELU). Parts: grid.

override n: u32;
override n4: u32;

struct Chunk {
  rows: u32,
}

@group(0) @binding(0) var<storage, read> preActs: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> vectors: array<f32>;
@group(0) @binding(2) var<storage, read_write> acts: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> gateActs: array<vec4<f32>>;
@group(0) @binding(4) var<uniform> chunk: Chunk;

fn vector(which: u32, latent: u32) -> f32 {
  return vectors[which * 3u * n + latent];
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = thread_number(group, groups, lane);
  if (at >= chunk.rows * n4) {
    return;
  }
  let z = preActs[at];
  var f = vec4<f32>();
  var gate = vec4<f32>();
  for (var i = 0u; i < 4u; i++) {
    let latent = at % n4 * 4u + i;
    if (latent >= n) {
      continue;
    }
    if (KIND == RELU) {
      f[i] = max(z[i], 0.0);
    } else if (KIND == JUMPRELU) {
      f[i] = select(0.0, z[i], z[i] > max(vector(1u, latent), 0.0));
    } else {
      gate[i] = max(z[i] + vector(0u, latent), 0.0);
      let magnitude = exp(vector(2u, latent)) * z[i] + vector(1u, latent);
      f[i] = select(0.0, max(magnitude, 0.0), gate[i] > 0.0);
    }
  }
  acts[at] = f;
  if (KIND == GATED) {
    gateActs[at] = gate;
  }
}

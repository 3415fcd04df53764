// Finishes one latent's gradients: the penalty's share of the decoder row (through its norm), projection
// where rows keep unit norm, the latent vectors' gradients, and the squared length of it all for the clip.
// in   totals [SLOTS, n4·4] as dense_delta orders them; vectors [V, 3, n]; norms [n]; W_dec, gradEnc
//      [n, d4·4]; metrics word 2: latentActs above 0 in the batch; step
// out  gradDec [n, d4·4] in place; latentGradients: [V, n] gradients of the vectors, then [n] squared norms
// One workgroup a latent. Prelude: LANES, KIND, MODE, VECTORS (V), UNIT_NORM.
// Parts: dense_step, grid, lane_sums.

override rows: u32;
override n: u32;
override n4: u32;
override d4: u32;
override bandwidth: f32;
override target_l0: f32;

@group(0) @binding(0) var<storage, read> totals: array<f32>;
@group(0) @binding(1) var<storage, read> vectors: array<f32>;
@group(0) @binding(2) var<storage, read> norms: array<f32>;
@group(0) @binding(3) var<storage, read> W_dec: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> gradEnc: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> metrics: array<u32>;
@group(0) @binding(6) var<storage, read_write> gradDec: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> latentGradients: array<f32>;
@group(0) @binding(8) var<uniform> step: DenseStep;

fn total(slot: u32, latent: u32) -> f32 {
  return totals[slot * n4 * 4u + latent];
}

// ∂L/∂n
fn norm_gradient(latent: u32) -> f32 {
  if (KIND == RELU) {
    return step.penalty * total(2u, latent);
  }
  if (KIND == JUMPRELU) {
    return total(4u, latent);
  }
  return 0.0;
}

// ∂ penalty / ∂ one Step(h): used only by θ's straight-through estimate.
fn per_step() -> f32 {
  if (MODE == STEP) {
    return step.penalty;
  }
  if (MODE == QUADRATIC) {
    let l0 = f32(metrics[2]) / f32(rows);
    return 2.0 * step.penalty * (l0 / target_l0 - 1.0) / target_l0;
  }
  return 0.0;
}

// Writes the vectors' gradients; returns their squared length.
fn vector_gradients(latent: u32) -> f32 {
  var g = vec3<f32>(total(1u, latent), 0.0, 0.0);
  if (KIND == GATED) {
    g.y = total(2u, latent);
    g.z = total(3u, latent);
    latentGradients[2u * n + latent] = g.z;
  }
  if (KIND == JUMPRELU) {
    g.y = total(2u, latent) - per_step() / bandwidth * total(3u, latent);
  }
  if (KIND != RELU) {
    latentGradients[n + latent] = g.y;
  }
  latentGradients[latent] = g.x;
  return dot(g, g);
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let latent = workgroup_number(group, groups);
  if (latent >= n) {
    return;
  }
  var pull = 0.0;
  var along = 0.0;
  if (!UNIT_NORM) {
    pull = norm_gradient(latent) / norms[latent];
  } else {
    // The penalty's share points along the row, so projection would leave only its rounding errors, which Adam
    // would amplify if there is no other gradient.
    var products = vec2<f32>();
    for (var q = lane; q < d4; q += LANES) {
      let w = W_dec[latent * d4 + q];
      products += vec2<f32>(dot(gradDec[latent * d4 + q], w), dot(w, w));
    }
    products = sum_lanes2(lane, products);
    along = products.x / products.y;
  }
  var sum = 0.0;
  for (var q = lane; q < d4; q += LANES) {
    let at = latent * d4 + q;
    let g = gradDec[at] + (pull - along) * W_dec[at];
    gradDec[at] = g;
    sum += dot(g, g) + dot(gradEnc[at], gradEnc[at]);
  }
  let squared = sum_lanes(lane, sum);
  if (lane == 0u) {
    latentGradients[VECTORS * n + latent] = squared + vector_gradients(latent);
  }
}

// Metrics of one dense step: losses and L0, kept on the GPU until they are read. L0 also
// scales JumpReLU's quadratic penalty, so this runs before dense_latent_gradient.
// in   totals [SLOTS, n4·4] as dense_delta orders them; norms [n]; columnMoments, gateMoments
//      [parts, 2, d4·4] of the two gradients (Σ g, Σ (g − part mean)²); counters {NaNs}; step
// out  metrics: 0 mse (f32), 1 penalty with its coefficient (f32), 2 latentActs above 0 (u32), 3 Gated's
//      auxiliary or JumpReLU's pre-activation loss (f32), 4 NaNs; other kernels write 5 and 7
// One workgroup, sums over lanes in a fixed order. Prelude: LANES, KIND, MODE.
// Parts: dense_step, lane_counts, lane_sums.

override rows: u32;
override part_rows: u32;
override parts: u32;
override n: u32;
override n4: u32;
override d4: u32;
override target_l0: f32;

@group(0) @binding(0) var<storage, read> totals: array<f32>;
@group(0) @binding(1) var<storage, read> norms: array<f32>;
@group(0) @binding(2) var<storage, read> columnMoments: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> gateMoments: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> counters: array<u32>;
@group(0) @binding(5) var<storage, read_write> metrics: array<u32>;
@group(0) @binding(6) var<uniform> step: DenseStep;

fn total(slot: u32, latent: u32) -> f32 {
  return totals[slot * n4 * 4u + latent];
}

// Σ over a part's rows of g², from its sum and its scatter: no cancellation.
fn squares(sum: vec4<f32>, scatter: vec4<f32>, part: u32) -> f32 {
  let count = f32(min(part_rows, rows - part * part_rows));
  return dot(sum, sum) / count + dot(scatter, vec4<f32>(1.0));
}

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
  // Σ squares of the gradient, of Gated's auxiliary gradient, penalty, pre-activation loss
  var sums = vec4<f32>();
  var fired = 0u;
  for (var at = lane; at < parts * d4; at += LANES) {
    let part = at / d4;
    let place = part * 2u * d4 + at % d4;
    sums.x += squares(columnMoments[place], columnMoments[place + d4], part);
    if (KIND == GATED) {
      sums.y += squares(gateMoments[place], gateMoments[place + d4], part);
    }
  }
  for (var latent = lane; latent < n; latent += LANES) {
    fired += u32(total(0u, latent));
    if (KIND == RELU) {
      sums.z += total(2u, latent) * norms[latent];
    } else if (KIND == GATED) {
      sums.z += total(4u, latent);
    } else {
      sums.z += total(5u, latent);
      sums.w += total(6u, latent);
    }
  }
  sums = sum_lanes4(lane, sums);
  fired = count_lanes(lane, fired).total;
  if (lane > 0u) {
    return;
  }
  let l0 = f32(fired) / f32(rows);
  var penalty = step.penalty * sums.z;
  var aux = step.preActPenalty * sums.w;
  if (KIND == JUMPRELU && MODE == STEP) {
    penalty = step.penalty * f32(fired);
  }
  if (KIND == JUMPRELU && MODE == QUADRATIC) {
    let excess = l0 / target_l0 - 1.0;
    penalty = step.penalty * f32(rows) * excess * excess;
  }
  // gradient = −gradScale·e
  let per_square = 1.0 / (step.gradScale * step.gradScale * f32(rows));
  if (KIND == GATED) {
    aux = sums.y * per_square;
  }
  metrics[0] = bitcast<u32>(sums.x * per_square);
  metrics[1] = bitcast<u32>(penalty);
  metrics[2] = fired;
  metrics[3] = bitcast<u32>(aux);
  metrics[4] = counters[0];
}

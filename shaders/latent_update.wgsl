// One latent's gradients, summed over the rows that hold it, and at once its Adam step: weight gradients
// never reach memory. Rows of W_dec keep unit norm: the gradient's part along the row is taken off before
// Adam, the row is renormalised after.
// in   csc: offsets [0 … n], entries (gradient row, act, ∂L/∂preAct) from word `entries_at`, by ascending
//      row; xc [rows, d4·4]; gradient [(levels + 1)·rows, d4·4] (AuxK's rows last; all share xc)
// out  W_enc, W_dec [n, d4·4]; momentsEnc, momentsDec [n, 2, d4·4]: m, then v; encoderBias [3, n]: b_enc,
//      m, v. A latent without entries still takes Adam's decay.
// One workgroup a latent, 2-D grid; a lane keeps PER_LANE vec4 of columns in registers. Two reductions
// over the row, each one barrier: every lane sums all lanes' parts itself, in one fixed order.
// Prelude: LANES, PER_LANE.

override rows: u32;
override n: u32;
override d4: u32;
override entries_at: u32;
override beta1: f32;
override beta2: f32;
override eps: f32;

struct Step {
  gradScale: f32,
  auxScale: f32,
  // lr / (1 − β1^t)
  rate: f32,
  // 1 / (1 − β2^t)
  secondScale: f32,
}

@group(0) @binding(0) var<storage, read> csc: array<u32>;
@group(0) @binding(1) var<storage, read> xc: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> gradient: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> W_enc: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> W_dec: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> momentsEnc: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> momentsDec: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> encoderBias: array<f32>;
@group(0) @binding(8) var<uniform> step: Step;

// (gradient · row, row · row), then the new row's squared norm.
var<workgroup> lane_products: array<vec2<f32>, LANES>;
var<workgroup> lane_norm2: array<f32, LANES>;

fn adam_bias(latent: u32, g: f32) {
  let m = beta1 * encoderBias[n + latent] + (1.0 - beta1) * g;
  let v = beta2 * encoderBias[2u * n + latent] + (1.0 - beta2) * g * g;
  encoderBias[n + latent] = m;
  encoderBias[2u * n + latent] = v;
  encoderBias[latent] -= step.rate * m / (sqrt(v * step.secondScale) + eps);
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group_id: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let latent = group_id.x + group_id.y * grid.x;
  if (latent >= n) {
    return;
  }

  var g_enc = array<vec4<f32>, PER_LANE>();
  var g_dec = array<vec4<f32>, PER_LANE>();
  var g_bias = 0.0;
  let end = csc[latent + 1u];
  for (var entry = csc[latent]; entry < end; entry++) {
    let at = entries_at + 3u * entry;
    let gradient_row = csc[at];
    let act = bitcast<f32>(csc[at + 1u]);
    let delta = bitcast<f32>(csc[at + 2u]);
    let row = gradient_row % rows;
    g_bias += delta;
    for (var i = 0u; i < PER_LANE; i++) {
      let q = lane + i * LANES;
      if (q < d4) {
        g_enc[i] += delta * xc[row * d4 + q];
        g_dec[i] += act * gradient[gradient_row * d4 + q];
      }
    }
  }

  var w_dec = array<vec4<f32>, PER_LANE>();
  var products = vec2<f32>();
  for (var i = 0u; i < PER_LANE; i++) {
    let q = lane + i * LANES;
    if (q < d4) {
      w_dec[i] = W_dec[latent * d4 + q];
      products += vec2<f32>(dot(g_dec[i], w_dec[i]), dot(w_dec[i], w_dec[i]));
    }
  }
  lane_products[lane] = products;
  workgroupBarrier();
  products = vec2<f32>();
  for (var other = 0u; other < LANES; other++) {
    products += lane_products[other];
  }
  let along = products.x / products.y;

  var norm2 = 0.0;
  for (var i = 0u; i < PER_LANE; i++) {
    let q = lane + i * LANES;
    if (q < d4) {
      let at = 2u * latent * d4 + q;
      let g = g_dec[i] - along * w_dec[i];
      let m = beta1 * momentsDec[at] + (1.0 - beta1) * g;
      let v = beta2 * momentsDec[at + d4] + (1.0 - beta2) * g * g;
      momentsDec[at] = m;
      momentsDec[at + d4] = v;
      w_dec[i] -= step.rate * m / (sqrt(v * step.secondScale) + eps);
      norm2 += dot(w_dec[i], w_dec[i]);

      let h = g_enc[i];
      let m_enc = beta1 * momentsEnc[at] + (1.0 - beta1) * h;
      let v_enc = beta2 * momentsEnc[at + d4] + (1.0 - beta2) * h * h;
      momentsEnc[at] = m_enc;
      momentsEnc[at + d4] = v_enc;
      W_enc[latent * d4 + q] -= step.rate * m_enc / (sqrt(v_enc * step.secondScale) + eps);
    }
  }
  lane_norm2[lane] = norm2;
  if (lane == 0u) {
    adam_bias(latent, g_bias);
  }
  workgroupBarrier();
  norm2 = 0.0;
  for (var other = 0u; other < LANES; other++) {
    norm2 += lane_norm2[other];
  }
  let norm = sqrt(norm2);
  for (var i = 0u; i < PER_LANE; i++) {
    let q = lane + i * LANES;
    if (q < d4) {
      W_dec[latent * d4 + q] = w_dec[i] / norm;
    }
  }
}

// Adam on one latent's rows of W_enc and W_dec and on its latent vectors; rows of W_dec are renormalised
// where they keep unit norm.
// in   gradEnc, gradDec [n, d4·4]; latentGradients: [V, n] gradients of the vectors, [n] unused here, then
//      the factor of the clip; step
// out  W_enc, W_dec [n, d4·4]; momentsEnc, momentsDec [n, 2, d4·4]: m, then v; vectors [V, 3, n]: value,
//      m, v
// One workgroup a latent, 2-D grid; a lane meets only its own columns again, so one barrier is enough.
// Prelude: LANES, VECTORS (V), UNIT_NORM.

override n: u32;
override d4: u32;
override beta1: f32;
override beta2: f32;
override eps: f32;

struct Step {
  gradScale: f32,
  penalty: f32,
  preActPenalty: f32,
  // lr / (1 − β1^t)
  rate: f32,
  // 1 / (1 − β2^t)
  secondScale: f32,
}

@group(0) @binding(0) var<storage, read> gradEnc: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> gradDec: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> latentGradients: array<f32>;
@group(0) @binding(3) var<storage, read_write> W_enc: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> W_dec: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> momentsEnc: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> momentsDec: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> vectors: array<f32>;
@group(0) @binding(8) var<uniform> step: Step;

var<workgroup> lane_norm2: array<f32, LANES>;

fn adam_vector(which: u32, latent: u32, factor: f32) {
  let at = which * 3u * n + latent;
  let g = factor * latentGradients[which * n + latent];
  let m = beta1 * vectors[at + n] + (1.0 - beta1) * g;
  let v = beta2 * vectors[at + 2u * n] + (1.0 - beta2) * g * g;
  vectors[at + n] = m;
  vectors[at + 2u * n] = v;
  vectors[at] -= step.rate * m / (sqrt(v * step.secondScale) + eps);
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let latent = group.x + group.y * groups.x;
  if (latent >= n) {
    return;
  }
  let factor = latentGradients[(VECTORS + 1u) * n];
  var norm2 = 0.0;
  for (var q = lane; q < d4; q += LANES) {
    let at = latent * d4 + q;
    let moment = 2u * latent * d4 + q;

    let g = factor * gradDec[at];
    let m = beta1 * momentsDec[moment] + (1.0 - beta1) * g;
    let v = beta2 * momentsDec[moment + d4] + (1.0 - beta2) * g * g;
    momentsDec[moment] = m;
    momentsDec[moment + d4] = v;
    let w = W_dec[at] - step.rate * m / (sqrt(v * step.secondScale) + eps);
    W_dec[at] = w;
    norm2 += dot(w, w);

    let h = factor * gradEnc[at];
    let m_enc = beta1 * momentsEnc[moment] + (1.0 - beta1) * h;
    let v_enc = beta2 * momentsEnc[moment + d4] + (1.0 - beta2) * h * h;
    momentsEnc[moment] = m_enc;
    momentsEnc[moment + d4] = v_enc;
    W_enc[at] -= step.rate * m_enc / (sqrt(v_enc * step.secondScale) + eps);
  }
  if (lane == 0u) {
    for (var which = 0u; which < VECTORS; which++) {
      adam_vector(which, latent, factor);
    }
  }
  if (UNIT_NORM) {
    lane_norm2[lane] = norm2;
    workgroupBarrier();
    norm2 = 0.0;
    for (var other = 0u; other < LANES; other++) {
      norm2 += lane_norm2[other];
    }
    let norm = sqrt(norm2);
    for (var q = lane; q < d4; q += LANES) {
      W_dec[latent * d4 + q] /= norm;
    }
  }
}

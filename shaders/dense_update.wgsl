// Adam on one latent's rows of W_enc and W_dec and on its latent vectors; rows of W_dec are renormalised
// where they keep unit norm.
// in   gradEnc, gradDec [n, d4·4]; latentGradients: [V, n] gradients of the vectors, [n] unused here, then
//      the factor of the clip; step
// out  W_enc, W_dec [n, d4·4]; momentsEnc, momentsDec [n, 2, d4·4]: m, then v; vectors [V, 3, n]: value,
//      m, v
// One workgroup a latent; a lane reads only its own columns again, so one barrier is enough.
// Prelude: LANES, VECTORS (V), UNIT_NORM. Parts: adam, dense_step, grid, lane_sums.

override n: u32;
override d4: u32;
override beta1: f32;
override beta2: f32;
override eps: f32;

@group(0) @binding(0) var<storage, read> gradEnc: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> gradDec: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> latentGradients: array<f32>;
@group(0) @binding(3) var<storage, read_write> W_enc: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> W_dec: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> momentsEnc: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> momentsDec: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> vectors: array<f32>;
@group(0) @binding(8) var<uniform> step: DenseStep;

fn adam_vector(which: u32, latent: u32, factor: f32) {
  let at = which * 3u * n + latent;
  let g = factor * latentGradients[which * n + latent];
  let moved = adam(vectors[at + n], vectors[at + 2u * n], g, step.rate, step.secondScale);
  vectors[at + n] = moved.m;
  vectors[at + 2u * n] = moved.v;
  vectors[at] -= moved.change;
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
  let factor = latentGradients[(VECTORS + 1u) * n];
  var norm2 = 0.0;
  for (var q = lane; q < d4; q += LANES) {
    let at = latent * d4 + q;
    let moment = 2u * latent * d4 + q;

    let g = factor * gradDec[at];
    let dec = adam4(momentsDec[moment], momentsDec[moment + d4], g, step.rate, step.secondScale);
    momentsDec[moment] = dec.m;
    momentsDec[moment + d4] = dec.v;
    let w = W_dec[at] - dec.change;
    W_dec[at] = w;
    norm2 += dot(w, w);

    let h = factor * gradEnc[at];
    let enc = adam4(momentsEnc[moment], momentsEnc[moment + d4], h, step.rate, step.secondScale);
    momentsEnc[moment] = enc.m;
    momentsEnc[moment + d4] = enc.v;
    W_enc[at] -= enc.change;
  }
  if (lane == 0u) {
    for (var which = 0u; which < VECTORS; which++) {
      adam_vector(which, latent, factor);
    }
  }
  if (UNIT_NORM) {
    let norm = sqrt(sum_lanes(lane, norm2));
    for (var q = lane; q < d4; q += LANES) {
      W_dec[latent * d4 + q] /= norm;
    }
  }
}

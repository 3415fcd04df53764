// The clip of all gradients by their global norm (off where clip_norm is 0), and Adam on b_dec.
// in   columnMoments [row_parts, 2, d4·4] (the sums); encoderPath [latent_parts, d4·4]; step
// out  latentGradients: from `norms_at` [n] squared norms of the latents' gradients, read; the word after
//      them: factor of every gradient; decoderBias [3, d4·4]: b_dec, m, v; metrics word 5: the norm (f32)
// One workgroup, sums over lanes in a fixed order. Prelude: LANES.
// Parts: adam, bdec_gradient, dense_step, lane_sums.

override n: u32;
override norms_at: u32;
override d4: u32;
override row_parts: u32;
override latent_parts: u32;
override centred: u32;
override beta1: f32;
override beta2: f32;
override eps: f32;
override clip_norm: f32;
override clip_eps: f32;

@group(0) @binding(0) var<storage, read> columnMoments: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> encoderPath: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> latentGradients: array<f32>;
@group(0) @binding(3) var<storage, read_write> decoderBias: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> metrics: array<u32>;
@group(0) @binding(5) var<uniform> step: DenseStep;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
  var squares = 0.0;
  for (var latent = lane; latent < n; latent += LANES) {
    squares += latentGradients[norms_at + latent];
  }
  for (var q = lane; q < d4; q += LANES) {
    let g = bdec_gradient(q);
    squares += dot(g, g);
  }
  let norm = sqrt(sum_lanes(lane, squares));
  let factor = select(1.0, min(1.0, clip_norm / (norm + clip_eps)), clip_norm > 0.0);
  if (lane == 0u) {
    latentGradients[norms_at + n] = factor;
    metrics[5] = bitcast<u32>(norm);
  }
  for (var q = lane; q < d4; q += LANES) {
    let g = factor * bdec_gradient(q);
    let moved = adam4(
      decoderBias[d4 + q],
      decoderBias[2u * d4 + q],
      g,
      step.rate,
      step.secondScale,
    );
    decoderBias[d4 + q] = moved.m;
    decoderBias[2u * d4 + q] = moved.v;
    decoderBias[q] -= moved.change;
  }
}

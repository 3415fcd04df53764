// Adam on b_dec. Gradient: Σ_b ∂L/∂x̂ − W_enc·(Σ_b δ), the second only where b_dec centres the input.
// in   columnMoments [row_parts, 2, d4·4] (the sums); encoderPath [latent_parts, d4·4]
// out  decoderBias [3, d4·4]: b_dec, then Adam's m and v
// One thread per vec4 of columns, 64 a workgroup.

override d4: u32;
override row_parts: u32;
override latent_parts: u32;
override centred: u32;
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

@group(0) @binding(0) var<storage, read> columnMoments: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> encoderPath: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> decoderBias: array<vec4<f32>>;
@group(0) @binding(3) var<uniform> step: Step;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let q = id.x;
  if (q >= d4) {
    return;
  }
  var g = vec4<f32>();
  for (var part = 0u; part < row_parts; part++) {
    g += columnMoments[part * 2u * d4 + q];
  }
  if (centred != 0u) {
    var path = vec4<f32>();
    for (var part = 0u; part < latent_parts; part++) {
      path += encoderPath[part * d4 + q];
    }
    g -= path;
  }
  let m = beta1 * decoderBias[d4 + q] + (1.0 - beta1) * g;
  let v = beta2 * decoderBias[2u * d4 + q] + (1.0 - beta2) * g * g;
  decoderBias[d4 + q] = m;
  decoderBias[2u * d4 + q] = v;
  decoderBias[q] -= step.rate * m / (sqrt(v * step.secondScale) + eps);
}

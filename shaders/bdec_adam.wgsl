// Adam on b_dec.
// in   columnMoments [row_parts, 2, d4·4] (the sums); encoderPath [latent_parts, d4·4]
// out  decoderBias [3, d4·4]: b_dec, then Adam's m and v
// One thread per vec4 of columns, 64 a workgroup. Parts: adam, bdec_gradient, trainer_step.

override d4: u32;
override row_parts: u32;
override latent_parts: u32;
override centred: u32;
override beta1: f32;
override beta2: f32;
override eps: f32;

@group(0) @binding(0) var<storage, read> columnMoments: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> encoderPath: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> decoderBias: array<vec4<f32>>;
@group(0) @binding(3) var<uniform> step: TrainerStep;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let q = id.x;
  if (q >= d4) {
    return;
  }
  let g = bdec_gradient(q);
  let moved = adam4(decoderBias[d4 + q], decoderBias[2u * d4 + q], g, step.rate, step.secondScale);
  decoderBias[d4 + q] = moved.m;
  decoderBias[2u * d4 + q] = moved.v;
  decoderBias[q] -= moved.change;
}

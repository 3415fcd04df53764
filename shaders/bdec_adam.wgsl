// Adam on b_dec.
// in   columnMoments [row_parts, 2, d4·4] (the sums); encoderPath [latent_parts, d4·4]
// out  decoderBias [3, d4·4]: b_dec, then Adam's m and v
// One thread per vec4 of columns. Prelude: LANES. Parts: adam, bdec_gradient, grid, trainer_step.

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

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let q = thread_number(group, groups, lane);
  if (q >= d4) {
    return;
  }
  let g = bdec_gradient(q);
  let moved = adam4(decoderBias[d4 + q], decoderBias[2u * d4 + q], g, step.rate, step.secondScale);
  decoderBias[d4 + q] = moved.m;
  decoderBias[2u * d4 + q] = moved.v;
  decoderBias[q] -= moved.change;
}

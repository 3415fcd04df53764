// Steering between two graph segments: residual[row] += coefficient · direction, in place, for the rows
// of the steered lane.
// in   direction [d] f32; rows [count] u32, distinct; step {coefficient, count, d}
// out  residual [*, d] f32, row-major, tight
// One thread per element of a listed row, 64 threads: a few rows at a time, bound by launch cost.

struct Step {
  coefficient: f32,
  count: u32,
  d: u32,
}

@group(0) @binding(0) var<storage, read> direction: array<f32>;
@group(0) @binding(1) var<storage, read> rows: array<u32>;
@group(0) @binding(2) var<storage, read_write> residual: array<f32>;
@group(0) @binding(3) var<uniform> step: Step;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = (group.x + group.y * groups.x) * 64u + lane;
  // Adding 0 · direction would turn −0 into +0: strength 0 must leave the lane untouched, bit for bit.
  if (at >= step.count * step.d || step.coefficient == 0.0) {
    return;
  }
  let i = at % step.d;
  let element = rows[at / step.d] * step.d + i;
  residual[element] = residual[element] + step.coefficient * direction[i];
}

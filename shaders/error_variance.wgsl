// v of AuxK: mean over rows of ‖e − ē‖², merged from column moments (Chan's pairwise formula, so that no
// difference of large numbers occurs).
// in   columnMoments [parts, 2, d4·4] of gradient = −gradScale · e
// out  errorVariance [1]
// One workgroup, dispatched indirectly: none without dead latents. Prelude: LANES.
// Parts: lane_sums, trainer_step.

override rows: u32;
override d4: u32;
override part_rows: u32;

@group(0) @binding(0) var<storage, read> columnMoments: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> errorVariance: array<f32>;
@group(0) @binding(2) var<uniform> step: TrainerStep;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
  let parts = (rows + part_rows - 1u) / part_rows;
  var total = vec4<f32>();
  for (var q = lane; q < d4; q += LANES) {
    var sum = vec4<f32>();
    for (var part = 0u; part < parts; part++) {
      sum += columnMoments[part * 2u * d4 + q];
    }
    let mean = sum / f32(rows);
    for (var part = 0u; part < parts; part++) {
      let count = f32(min(part_rows, rows - part * part_rows));
      let shift = columnMoments[part * 2u * d4 + q] / count - mean;
      total += columnMoments[(part * 2u + 1u) * d4 + q] + count * shift * shift;
    }
  }
  let sum = sum_lanes(lane, dot(total, vec4<f32>(1.0)));
  if (lane == 0u) {
    errorVariance[0] = sum / (f32(rows) * step.gradScale * step.gradScale);
  }
}

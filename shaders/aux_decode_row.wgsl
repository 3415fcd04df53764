// AuxK's loss and gradient of each row: the dead latents rebuild the detached SAE error, without b_dec.
// in   latentIndices, latentActs [rows, k]: AuxK's slots, used ones first; W_dec [n, d4·4]; errorVariance
//      [1]; gradient rows from error_row on = −gradScale · e
// out  gradient rows from aux_row on = ∂L_aux/∂ê; preActGrad [rows, k], 0 in unused slots; rowStats [rows] =
//      (Σ (ê − e)², used slots)
// One workgroup a row, dispatched indirectly; two loops as in decode_row.
// Prelude: LANES, PARTS, SHARDED. Parts: empty_slot, grid, lane_sums, row_code, trainer_step.

override rows: u32;
override d4: u32;
override k: u32;
override error_row: u32;
override aux_row: u32;

@group(0) @binding(0) var<storage, read> latentIndices: array<u32>;
@group(0) @binding(1) var<storage, read> latentActs: array<f32>;
@group(0) @binding(2) var<storage, read> W_dec: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> errorVariance: array<f32>;
@group(0) @binding(4) var<storage, read_write> gradient: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> preActGrad: array<f32>;
@group(0) @binding(6) var<storage, read_write> rowStats: array<vec2<f32>>;
@group(0) @binding(7) var<uniform> step: TrainerStep;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group_id: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = workgroup_number(group_id, grid);
  if (row >= rows) {
    return;
  }
  let first_slot = row * k;
  let variance = errorVariance[0];
  var scale = 0.0;
  if (variance > 0.0) {
    scale = step.auxScale / variance;
  }

  let used = used_slots(first_slot);
  var loss = 0.0;
  for (var q = lane; q < d4; q += LANES) {
    let e = gradient[(error_row + row) * d4 + q] / -step.gradScale;
    let at = (aux_row + row) * d4 + q;
    let missing = minus_decoded(e, first_slot, used, q, at);
    loss += dot(missing, missing);
    let g = -scale * missing;
    row_gradient[q] = g;
    gradient[at] = g;
  }
  let total = sum_lanes(lane, loss);
  write_slot_gradients(lane, first_slot, used);
  if (lane == 0u) {
    rowStats[row] = vec2<f32>(total, f32(used));
  }
}

// Loss and gradient of each row's reconstruction, from its sparse code.
// in   latentIndices, latentActs [rows, k], used slots first; W_dec [n, d4·4] latent-major; targets
//      [rows, d4·4]: what is rebuilt, an SAE's xc; b_dec [d4·4] (subtracted here only where the SAE does not
//      centre its input)
// out  gradient [rows, d4·4] = ∂L/∂x̂ = −gradScale · e; preActGrad [rows, k] = gradient · W_dec[latent], 0
//      in unused slots; rowStats [rows] = (Σ e², used slots)
// One workgroup a row. First each lane makes its columns of e, then the slots' dot products are made.
// Prelude: LANES, PARTS, SHARDED. Parts: empty_slot, grid, lane_sums, row_code, trainer_step.

override rows: u32;
override d4: u32;
override k: u32;
override subtract_b_dec: u32;

@group(0) @binding(0) var<storage, read> latentIndices: array<u32>;
@group(0) @binding(1) var<storage, read> latentActs: array<f32>;
@group(0) @binding(2) var<storage, read> W_dec: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> targets: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> b_dec: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> gradient: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> preActGrad: array<f32>;
@group(0) @binding(7) var<storage, read_write> rowStats: array<vec2<f32>>;
@group(0) @binding(8) var<uniform> step: TrainerStep;

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

  let used = used_slots(first_slot);
  var loss = 0.0;
  for (var q = lane; q < d4; q += LANES) {
    var x = targets[row * d4 + q];
    if (subtract_b_dec != 0u) {
      x -= b_dec[q];
    }
    let at = row * d4 + q;
    let e = minus_decoded(x, first_slot, used, q, at);
    loss += dot(e, e);
    let g = -step.gradScale * e;
    row_gradient[q] = g;
    gradient[at] = g;
  }
  let total = sum_lanes(lane, loss);
  write_slot_gradients(lane, first_slot, used);
  if (lane == 0u) {
    rowStats[row] = vec2<f32>(total, f32(used));
  }
}

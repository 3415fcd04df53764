// AuxK's loss and gradient of each row: the dead latents rebuild the detached SAE error, without b_dec.
// in   auxIndices, auxActs [rows, k_aux], used slots first; W_dec [n, d4·4]; errorVariance [1]; gradient
//      rows from error_row on = −gradScale · e
// out  gradient rows from aux_row on = ∂L_aux/∂ê; auxPreActGrad [rows, k_aux], 0 in unused slots;
//      auxRowStats [rows] = (Σ (ê − e)², used slots)
// One workgroup a row, dispatched indirectly; two loops as in decode_row. Prelude: LANES, PARTS.

override rows: u32;
override d4: u32;
override k_aux: u32;
override error_row: u32;
override aux_row: u32;

struct Step {
  gradScale: f32,
  // 2 α / rows
  auxScale: f32,
}

@group(0) @binding(0) var<storage, read> auxIndices: array<u32>;
@group(0) @binding(1) var<storage, read> auxActs: array<f32>;
@group(0) @binding(2) var<storage, read> W_dec: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> errorVariance: array<f32>;
@group(0) @binding(4) var<storage, read_write> gradient: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> auxPreActGrad: array<f32>;
@group(0) @binding(6) var<storage, read_write> auxRowStats: array<vec2<f32>>;
@group(0) @binding(7) var<uniform> step: Step;

const EMPTY: u32 = 0xffffffffu;

var<workgroup> row_gradient: array<vec4<f32>, d4>;
var<workgroup> lane_loss: array<f32, LANES>;
var<workgroup> slot_parts: array<f32, k_aux * PARTS>;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group_id: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = group_id.x + group_id.y * grid.x;
  if (row >= rows) {
    return;
  }
  let first_slot = row * k_aux;
  let variance = errorVariance[0];
  var scale = 0.0;
  if (variance > 0.0) {
    scale = step.auxScale / variance;
  }

  var used = 0u;
  while (used < k_aux && auxIndices[first_slot + used] != EMPTY) {
    used++;
  }
  var loss = 0.0;
  for (var q = lane; q < d4; q += LANES) {
    var difference = gradient[(error_row + row) * d4 + q] / step.gradScale;
    for (var slot = 0u; slot < used; slot++) {
      difference += auxActs[first_slot + slot] * W_dec[auxIndices[first_slot + slot] * d4 + q];
    }
    loss += dot(difference, difference);
    let g = scale * difference;
    row_gradient[q] = g;
    gradient[(aux_row + row) * d4 + q] = g;
  }
  lane_loss[lane] = loss;
  workgroupBarrier();

  for (var item = lane; item < k_aux * PARTS; item += LANES) {
    let slot = item / PARTS;
    var sum = 0.0;
    if (slot < used) {
      let base = auxIndices[first_slot + slot] * d4;
      for (var q = item % PARTS; q < d4; q += PARTS) {
        sum += dot(row_gradient[q], W_dec[base + q]);
      }
    }
    if (PARTS == 1u) {
      auxPreActGrad[first_slot + slot] = sum;
    } else {
      slot_parts[item] = sum;
    }
  }
  if (lane == 0u) {
    var total = 0.0;
    for (var other = 0u; other < LANES; other++) {
      total += lane_loss[other];
    }
    auxRowStats[row] = vec2<f32>(total, f32(used));
  }
  if (PARTS > 1u) {
    workgroupBarrier();
    for (var slot = lane; slot < k_aux; slot += LANES) {
      var sum = 0.0;
      for (var part = 0u; part < PARTS; part++) {
        sum += slot_parts[slot * PARTS + part];
      }
      auxPreActGrad[first_slot + slot] = sum;
    }
  }
}

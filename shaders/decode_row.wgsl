// Loss and gradient of each row's reconstruction, from its sparse code.
// in   latentIndices, latentActs [rows, k], used slots first; W_dec [n, d4·4] latent-major; xc [rows,
//      d4·4]; b_dec [d4·4] (subtracted here only where the SAE does not centre its input)
// out  gradient [rows, d4·4] = ∂L/∂x̂ = −gradScale · e; preActGrad [rows, k] = gradient · W_dec[latent], 0
//      in unused slots; rowStats [rows] = (Σ e², used slots)
// One workgroup a row. First each lane makes its columns of e, then each slot's dot product is cut into
// PARTS interleaved sums, so that neighbouring lanes read neighbouring columns; rows are in cache by then.
// Prelude: LANES, PARTS (1 where memory is a CPU's: then one barrier suffices).

override rows: u32;
override d4: u32;
override k: u32;
override subtract_b_dec: u32;

struct Step {
  gradScale: f32,
}

@group(0) @binding(0) var<storage, read> latentIndices: array<u32>;
@group(0) @binding(1) var<storage, read> latentActs: array<f32>;
@group(0) @binding(2) var<storage, read> W_dec: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> xc: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> b_dec: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> gradient: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> preActGrad: array<f32>;
@group(0) @binding(7) var<storage, read_write> rowStats: array<vec2<f32>>;
@group(0) @binding(8) var<uniform> step: Step;

const EMPTY: u32 = 0xffffffffu;

var<workgroup> row_gradient: array<vec4<f32>, d4>;
var<workgroup> lane_loss: array<f32, LANES>;
var<workgroup> slot_parts: array<f32, k * PARTS>;

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
  let first_slot = row * k;

  var used = 0u;
  while (used < k && latentIndices[first_slot + used] != EMPTY) {
    used++;
  }
  var loss = 0.0;
  for (var q = lane; q < d4; q += LANES) {
    var e = xc[row * d4 + q];
    if (subtract_b_dec != 0u) {
      e -= b_dec[q];
    }
    for (var slot = 0u; slot < used; slot++) {
      e -= latentActs[first_slot + slot] * W_dec[latentIndices[first_slot + slot] * d4 + q];
    }
    loss += dot(e, e);
    let g = -step.gradScale * e;
    row_gradient[q] = g;
    gradient[row * d4 + q] = g;
  }
  lane_loss[lane] = loss;
  workgroupBarrier();

  for (var item = lane; item < k * PARTS; item += LANES) {
    let slot = item / PARTS;
    var sum = 0.0;
    if (slot < used) {
      let base = latentIndices[first_slot + slot] * d4;
      for (var q = item % PARTS; q < d4; q += PARTS) {
        sum += dot(row_gradient[q], W_dec[base + q]);
      }
    }
    if (PARTS == 1u) {
      preActGrad[first_slot + slot] = sum;
    } else {
      slot_parts[item] = sum;
    }
  }
  if (lane == 0u) {
    var total = 0.0;
    for (var other = 0u; other < LANES; other++) {
      total += lane_loss[other];
    }
    rowStats[row] = vec2<f32>(total, f32(used));
  }
  if (PARTS > 1u) {
    workgroupBarrier();
    for (var slot = lane; slot < k; slot += LANES) {
      var sum = 0.0;
      for (var part = 0u; part < PARTS; part++) {
        sum += slot_parts[slot * PARTS + part];
      }
      preActGrad[first_slot + slot] = sum;
    }
  }
}

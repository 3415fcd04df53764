// Loss and gradient of each row's reconstructions from nested prefixes of its code (Matryoshka; with one
// level, BatchTopK).
// in   code: offsets [rows + 1], latents ascending within a row from word indices_at, acts from acts_at,
//      gradient rows from rows_at; W_dec [n, d4·4]; xc [rows, d4·4]; b_dec [d4·4] (subtracted here only where
//      the SAE does not centre its input); levels {count, widths}
// out  gradient [levels.count·rows, d4·4]: row g·rows + r holds R_g = Σ_{ℓ ≥ g} ∂L/∂x̂_ℓ of row r, the
//      gradient that latents of group g see; preActGrad [slots] = R_g · W_dec[latent]; rowStats [rows, 3] =
//      (Σ e² at full width, used slots, Σ over levels of Σ e_ℓ²)
// One workgroup a row; a lane makes its columns of every level, then dot products as in decode_row, in
// tiles of TILE slots. SHARDED as in parts/row_code. Prelude: LANES, SOFTWARE, SHARDED. Parts: grid, lane_sums, trainer_step.

override rows: u32;
override d4: u32;
override subtract_b_dec: u32;
override indices_at: u32;
override acts_at: u32;
override rows_at: u32;

struct Levels {
  count: u32,
  widths: array<vec4<u32>, 4>,
}

@group(0) @binding(0) var<storage, read> code: array<u32>;
@group(0) @binding(1) var<storage, read> W_dec: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> xc: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> b_dec: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> gradient: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> preActGrad: array<f32>;
@group(0) @binding(6) var<storage, read_write> rowStats: array<f32>;
@group(0) @binding(7) var<uniform> levels: Levels;
@group(0) @binding(8) var<uniform> step: TrainerStep;

const TILE: u32 = 64u;
const PARTS: u32 = select(8u, 1u, SOFTWARE);

var<workgroup> slot_parts: array<f32, TILE * PARTS>;
var<workgroup> slots_used: u32;

fn dot_part(slot: u32, part: u32) -> f32 {
  let base = code[indices_at + slot] * d4;
  let row_base = code[rows_at + slot] * d4;
  var sum = 0.0;
  for (var q = part; q < d4; q += PARTS) {
    sum += dot(gradient[row_base + q], W_dec[base + q]);
  }
  return sum;
}

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
  let first_slot = code[row];
  let end_slot = code[row + 1u];

  var loss = vec2<f32>();
  for (var q = lane; q < d4; q += LANES) {
    var e = xc[row * d4 + q];
    if (subtract_b_dec != 0u) {
      e -= b_dec[q];
    }
    var slot = first_slot;
    var all_levels = 0.0;
    for (var level = 0u; level < levels.count; level++) {
      let width = levels.widths[level / 4u][level % 4u];
      let at = (level * rows + row) * d4 + q;
      if (SHARDED) {
        e -= gradient[at];
      } else {
        while (slot < end_slot && code[indices_at + slot] < width) {
          e -= bitcast<f32>(code[acts_at + slot]) * W_dec[code[indices_at + slot] * d4 + q];
          slot++;
        }
      }
      all_levels += dot(e, e);
      gradient[at] = -step.gradScale * e;
    }
    loss += vec2<f32>(dot(e, e), all_levels);
    var suffix = vec4<f32>();
    for (var level = levels.count; level > 0u; level--) {
      let at = ((level - 1u) * rows + row) * d4 + q;
      suffix += gradient[at];
      gradient[at] = suffix;
    }
  }
  if (lane == 0u) {
    slots_used = end_slot - first_slot;
  }
  storageBarrier();
  let total = sum_lanes2(lane, loss);

  if (PARTS == 1u && !SHARDED) {
    for (var slot = first_slot + lane; slot < end_slot; slot += LANES) {
      preActGrad[slot] = dot_part(slot, 0u);
    }
  }
  if (lane == 0u) {
    rowStats[row * 3u] = total.x;
    rowStats[row * 3u + 1u] = f32(end_slot - first_slot);
    rowStats[row * 3u + 2u] = total.y;
  }
  if (PARTS > 1u && !SHARDED) {
    let used = workgroupUniformLoad(&slots_used);
    for (var tile = 0u; tile < used; tile += TILE) {
      let size = min(TILE, used - tile);
      for (var item = lane; item < size * PARTS; item += LANES) {
        slot_parts[item] = dot_part(first_slot + tile + item / PARTS, item % PARTS);
      }
      workgroupBarrier();
      for (var i = lane; i < size; i += LANES) {
        var sum = 0.0;
        for (var part = 0u; part < PARTS; part++) {
          sum += slot_parts[i * PARTS + part];
        }
        preActGrad[first_slot + tile + i] = sum;
      }
      workgroupBarrier();
    }
  }
}

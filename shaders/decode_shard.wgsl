// The part of decoding a sparse code that needs decoder rows, for the latents of one shard: where no binding holds
// W_dec whole, decode_row, aux_decode_row and decode_levels leave it to this kernel.
// in   latentIndices, latentActs [slots]; places: BY_ROW: unused; else offsets [rows + 1] and, from word rows_at,
//      each slot's gradient row; W_dec: rows of the shard's latents, [shard.count, d4·4]; shard {first, count}
// out  SUMS: gradient rows += act · decoder row, from zeros (run once a shard before the error is made);
//      else preActGrad [slots] = gradient row · decoder row (run once a shard after it)
// BY_ROW: a row has k slots, used ones first, and gradient row out_row + row.
// One workgroup a row. For sums a lane owns columns; for products all lanes share a slot.
// Prelude: LANES, SUMS, BY_ROW. Parts: empty_slot, grid, lane_sums, shard.

override rows: u32;
override d4: u32;
override k: u32;
override out_row: u32;
override rows_at: u32;

@group(0) @binding(0) var<storage, read> latentIndices: array<u32>;
@group(0) @binding(1) var<storage, read> latentActs: array<f32>;
@group(0) @binding(2) var<storage, read> places: array<u32>;
@group(0) @binding(3) var<storage, read> W_dec: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> gradient: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> preActGrad: array<f32>;
@group(0) @binding(6) var<uniform> shard: Shard;

fn slot_range(row: u32) -> vec2<u32> {
  if (BY_ROW) {
    return vec2<u32>(row * k, row * k + k);
  }
  return vec2<u32>(places[row], places[row + 1u]);
}

fn gradient_row(row: u32, slot: u32) -> u32 {
  if (BY_ROW) {
    return out_row + row;
  }
  return places[rows_at + slot];
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
  let slots = slot_range(row);
  for (var slot = slots.x; slot < slots.y; slot++) {
    let latent = latentIndices[slot];
    // Below the shard it wraps round to a large number; EMPTY is above every shard.
    let own = latent - shard.first;
    let base = gradient_row(row, slot) * d4;
    if (SUMS) {
      if (own < shard.count) {
        for (var q = lane; q < d4; q += LANES) {
          gradient[base + q] += latentActs[slot] * W_dec[own * d4 + q];
        }
      }
    } else if (own < shard.count) {
      var sum = 0.0;
      for (var q = lane; q < d4; q += LANES) {
        sum += dot(gradient[base + q], W_dec[own * d4 + q]);
      }
      let total = sum_lanes(lane, sum);
      if (lane == 0u) {
        preActGrad[slot] = total;
      }
      workgroupBarrier();
    } else if (latent == EMPTY && lane == 0u) {
      preActGrad[slot] = 0.0;
    }
  }
}

// What decode_row and aux_decode_row do with a row's slots: take the decoded row off a target, and multiply
// the row's gradient with each decoder row.
// Defines  row_gradient [d4], for the kernel to fill; used_slots, minus_decoded, write_slot_gradients
// Expects  LANES; PARTS, SHARDED, see below; overrides d4, k; latentIndices, latentActs [rows, k], used slots first;
//          W_dec [n, d4·4]; gradient; preActGrad [rows, k], written; EMPTY
// Each dot product is cut into PARTS interleaved sums, so that neighbouring lanes read neighbouring columns;
// decoder rows are in cache by then. PARTS is 1 where memory is a CPU's: then one barrier suffices.
// SHARDED: no binding holds all decoder rows. Then decode_shard adds them up in `gradient` before, and makes the dot
// products after.

var<workgroup> row_gradient: array<vec4<f32>, d4>;
var<workgroup> slot_parts: array<f32, k * PARTS>;

fn used_slots(first_slot: u32) -> u32 {
  var used = 0u;
  while (used < k && latentIndices[first_slot + used] != EMPTY) {
    used++;
  }
  return used;
}

// Columns 4q … 4q + 3 of target − Σ act · decoder row. `at`: where they are of the row's gradient.
fn minus_decoded(target_columns: vec4<f32>, first_slot: u32, used: u32, q: u32, at: u32) -> vec4<f32> {
  if (SHARDED) {
    return target_columns - gradient[at];
  }
  var e = target_columns;
  for (var slot = 0u; slot < used; slot++) {
    e -= latentActs[first_slot + slot] * W_dec[latentIndices[first_slot + slot] * d4 + q];
  }
  return e;
}

// preActGrad = row_gradient · W_dec[latent], 0 in unused slots. All lanes must call it, in uniform control
// flow and after a barrier that follows the writes of row_gradient.
fn write_slot_gradients(lane: u32, first_slot: u32, used: u32) {
  if (SHARDED) {
    return;
  }
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

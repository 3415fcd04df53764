// Radix select by one workgroup: the k-th largest of many u32 keys, in four passes of 8-bit digits. 0 is no
// key. A pass is clear_bins, then count_key for each key, then pick_digit.
// Defines  selected_key, ties_wanted; begin_select, clear_bins, count_key, pick_digit
// Expects  LANES
// All lanes must call clear_bins and pick_digit, in uniform control flow.

var<workgroup> bins: array<atomic<u32>, 256>;
// After `digit` passes the leading digits of the k-th key; after four of them the key itself, or 0 where
// there are fewer than k keys.
var<workgroup> selected_key: u32;
// How many elements equal to it are among the k largest.
var<workgroup> ties_wanted: u32;

// By one lane, before the first pass.
fn begin_select(k: u32) {
  selected_key = 0u;
  ties_wanted = k;
}

fn clear_bins(lane: u32) {
  for (var bin = lane; bin < 256u; bin += LANES) {
    atomicStore(&bins[bin], 0u);
  }
  workgroupBarrier();
}

// digit: 0 (the highest) to 3.
fn count_key(key: u32, digit: u32) {
  let shift = 24u - 8u * digit;
  // Digits above this one agree; a shift by 32 is not defined, so the first pass is apart.
  let agrees = digit == 0u || (key >> (shift + 8u)) == (selected_key >> (shift + 8u));
  if (key > 0u && agrees) {
    atomicAdd(&bins[(key >> shift) & 255u], 1u);
  }
}

// Walks down from the top to the bin that holds the element wanted.
fn pick_digit(lane: u32, digit: u32) {
  workgroupBarrier();
  if (lane == 0u) {
    var left = ties_wanted;
    var bin = 255u;
    loop {
      let count = atomicLoad(&bins[bin]);
      if (count >= left || bin == 0u) {
        break;
      }
      left -= count;
      bin--;
    }
    ties_wanted = left;
    selected_key |= bin << (24u - 8u * digit);
  }
  workgroupBarrier();
}

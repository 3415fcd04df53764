// Exact TopK of listed rows by radix select over the whole row: for rows that topk_row gave up, and for
// every row where d_sae has too few groups for k.
// in   preActs [*, n_stride], any value, NaN and padding never chosen; overflow {count, 1, 1, 0, row …}
//      (ALL_ROWS: {count, …} holds the number of rows, all of them taken)
// out  latentIndices, latentActs [*, k]: strongest first, ties to the lower index; unused slots
//      0xffffffff and 0
// One workgroup a row. A radix select finds the k-th largest key; each lane then owns a contiguous stretch
// of columns, so counting ties before it is a prefix sum and needs no atomics. The k survivors are ranked
// in workgroup memory. Speed matters little: normally no row needs it.
// Prelude: LANES, ALL_ROWS. Parts: empty_slot, float_key, grid, lane_counts, radix_select.

override k: u32;
override n: u32;
override n_stride: u32;

@group(0) @binding(0) var<storage, read> preActs: array<u32>;
@group(0) @binding(1) var<storage, read> overflow: array<u32>;
@group(0) @binding(2) var<storage, read_write> latentIndices: array<u32>;
@group(0) @binding(3) var<storage, read_write> latentActs: array<u32>;

var<workgroup> kept: atomic<u32>;
var<workgroup> kept_key: array<u32, k>;
var<workgroup> kept_index: array<u32, k>;

fn keep(key: u32, index: u32) {
  let slot = atomicAdd(&kept, 1u);
  kept_key[slot] = key;
  kept_index[slot] = index;
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group_id: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = workgroup_number(group_id, grid);
  if (at >= overflow[0]) {
    return;
  }
  var row = at;
  if (!ALL_ROWS) {
    row = overflow[4u + at];
  }
  let start = row * n_stride;

  if (lane == 0u) {
    begin_select(k);
    atomicStore(&kept, 0u);
  }
  for (var digit = 0u; digit < 4u; digit++) {
    clear_bins(lane);
    for (var i = lane; i < n; i += LANES) {
      count_key(key_of(preActs[start + i]), digit);
    }
    pick_digit(lane, digit);
  }

  // With fewer than k positive elements threshold is 0 and all are kept.
  let threshold = selected_key;
  let own = stretch_of(lane, n);
  var ties = 0u;
  for (var i = own.first; i < own.end; i++) {
    let key = key_of(preActs[start + i]);
    ties += select(0u, 1u, key > 0u && key == threshold);
  }
  var before = count_lanes(lane, ties).before;
  for (var i = own.first; i < own.end; i++) {
    let key = key_of(preActs[start + i]);
    if (key > threshold) {
      keep(key, i);
    } else if (key > 0u && key == threshold) {
      if (before < ties_wanted) {
        keep(key, i);
      }
      before++;
    }
  }
  workgroupBarrier();

  let found = atomicLoad(&kept);
  for (var c = lane; c < found; c += LANES) {
    let key = kept_key[c];
    let index = kept_index[c];
    var rank = 0u;
    for (var other = 0u; other < found; other++) {
      rank += select(0u, 1u, precedes(kept_key[other], kept_index[other], key, index));
    }
    latentIndices[row * k + rank] = index;
    latentActs[row * k + rank] = key;
  }
  for (var slot = found + lane; slot < k; slot += LANES) {
    latentIndices[row * k + slot] = EMPTY;
    latentActs[row * k + slot] = 0u;
  }
}

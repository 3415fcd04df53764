// Exact TopK of listed rows by radix select over the whole row: for rows that topk_row gave up, and for
// every row where d_sae has too few groups for k.
// in   preActs [*, n_stride], any value, NaN and padding never chosen; overflow {count, 1, 1, 0, row …}
//      (ALL_ROWS: {count, …} holds the number of rows, all of them taken)
// out  latentIndices, latentActs [*, k]: strongest first, ties to the lower index; unused slots
//      0xffffffff and 0
// One workgroup a row. Four passes of 8-bit digits find the k-th largest key; each lane then owns a
// contiguous stretch of columns, so counting ties before it is a prefix sum and needs no atomics. The k
// survivors are ranked in workgroup memory. Speed matters little: normally no row comes here.
// Prelude: LANES, ALL_ROWS.

override k: u32;
override n: u32;
override n_stride: u32;

@group(0) @binding(0) var<storage, read> preActs: array<u32>;
@group(0) @binding(1) var<storage, read> overflow: array<u32>;
@group(0) @binding(2) var<storage, read_write> latentIndices: array<u32>;
@group(0) @binding(3) var<storage, read_write> latentActs: array<u32>;

const EMPTY: u32 = 0xffffffffu;

var<workgroup> bins: array<atomic<u32>, 256>;
// Digits of the k-th key found so far, and how many elements equal to it are still wanted.
var<workgroup> prefix: u32;
var<workgroup> wanted: u32;
var<workgroup> ties_of: array<u32, LANES>;
var<workgroup> kept: atomic<u32>;
var<workgroup> kept_key: array<u32, k>;
var<workgroup> kept_index: array<u32, k>;

// Order of positive floats as unsigned order; 0 for all that is never chosen.
fn key_of(bits: u32) -> u32 {
  return select(0u, bits, bits - 1u < 0x7f800000u);
}

// Picks the bin that holds the wanted-th largest key, walking down from the top.
fn pick_bin(shift: u32) {
  var left = wanted;
  var bin = 255u;
  loop {
    let count = atomicLoad(&bins[bin]);
    if (count >= left || bin == 0u) {
      break;
    }
    left -= count;
    bin--;
  }
  wanted = left;
  prefix |= bin << shift;
}

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
  let at = group_id.x + group_id.y * grid.x;
  if (at >= overflow[0]) {
    return;
  }
  var row = at;
  if (!ALL_ROWS) {
    row = overflow[4u + at];
  }
  let start = row * n_stride;

  if (lane == 0u) {
    prefix = 0u;
    wanted = k;
    atomicStore(&kept, 0u);
  }
  for (var digit = 0u; digit < 4u; digit++) {
    let shift = 24u - 8u * digit;
    for (var bin = lane; bin < 256u; bin += LANES) {
      atomicStore(&bins[bin], 0u);
    }
    workgroupBarrier();
    let known = prefix;
    for (var i = lane; i < n; i += LANES) {
      let key = key_of(preActs[start + i]);
      // Digits above this one agree; a shift by 32 is not defined, so the first pass is apart.
      let agrees = digit == 0u || (key >> (shift + 8u)) == (known >> (shift + 8u));
      if (key > 0u && agrees) {
        atomicAdd(&bins[(key >> shift) & 255u], 1u);
      }
    }
    workgroupBarrier();
    if (lane == 0u) {
      pick_bin(shift);
    }
    workgroupBarrier();
  }

  // With fewer than k positive elements every walk ends in bin 0, threshold is 0 and all are kept.
  let threshold = prefix;
  let stretch = (n + LANES - 1u) / LANES;
  let first = min(lane * stretch, n);
  let end = min(first + stretch, n);
  var ties = 0u;
  for (var i = first; i < end; i++) {
    let key = key_of(preActs[start + i]);
    ties += select(0u, 1u, key > 0u && key == threshold);
  }
  ties_of[lane] = ties;
  workgroupBarrier();
  var before = 0u;
  for (var other = 0u; other < lane; other++) {
    before += ties_of[other];
  }
  for (var i = first; i < end; i++) {
    let key = key_of(preActs[start + i]);
    if (key > threshold) {
      keep(key, i);
    } else if (key > 0u && key == threshold) {
      if (before < wanted) {
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
      let theirs = kept_key[other];
      rank += select(0u, 1u, theirs > key || (theirs == key && kept_index[other] < index));
    }
    latentIndices[row * k + rank] = index;
    latentActs[row * k + rank] = key;
  }
  for (var slot = found + lane; slot < k; slot += LANES) {
    latentIndices[row * k + slot] = EMPTY;
    latentActs[row * k + slot] = 0u;
  }
}

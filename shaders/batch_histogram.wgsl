// One digit of the radix select that finds the batch's k·B-th largest pre-activation: how many positive
// elements fall in each bin, among those that agree with the digits known so far.
// in   elements, SOURCE 0 (groups): groupMax [rows, n] itself; 1 (rows): preActs [rows, n_stride], guide =
//      groupMax, whose groups below state[2] are skipped unread; 2 (list): a code of batch_emit (offsets
//      [rows + 1], acts from word acts_at); state {digits known, wanted, floor, …}; chunk {rows, first_row}
// out  bins [2048], added to: zero before
// Digits of 11, 11 and 10 bits. Workgroups take rows in turn; integer atomics, so order-free. On a GPU
// each workgroup counts in its own memory first. Prelude: LANES, SOFTWARE, SOURCE. Parts: float_key.

override digit: u32;
override n: u32;
override n_stride: u32;
override group_width: u32;
override acts_at: u32;

struct Chunk {
  rows: u32,
  first_row: u32,
}

@group(0) @binding(0) var<storage, read> elements: array<u32>;
@group(0) @binding(1) var<storage, read> guide: array<u32>;
@group(0) @binding(2) var<storage, read> state: array<u32>;
@group(0) @binding(3) var<storage, read_write> bins: array<atomic<u32>>;
@group(0) @binding(4) var<uniform> chunk: Chunk;

const BINS: u32 = 2048u;
const LOCAL: bool = !SOFTWARE;

var<workgroup> local_bins: array<atomic<u32>, BINS>;

// digit 0: bits 31–21, 1: 20–10, 2: 9–0.
fn count(key: u32) {
  var bin = key >> 21u;
  if (digit == 1u) {
    if (key >> 21u != state[0] >> 21u) {
      return;
    }
    bin = (key >> 10u) & 2047u;
  } else if (digit == 2u) {
    if (key >> 10u != state[0] >> 10u) {
      return;
    }
    bin = key & 1023u;
  }
  if (key == 0u) {
    return;
  }
  if (LOCAL) {
    atomicAdd(&local_bins[bin], 1u);
  } else {
    atomicAdd(&bins[bin], 1u);
  }
}

fn count_row(row: u32, lane: u32) {
  if (SOURCE == 1u) {
    let groups = n_stride / group_width;
    for (var g = lane; g < groups; g += LANES) {
      if (key_of(guide[row * groups + g]) < max(state[2], 1u)) {
        continue;
      }
      let first = row * n_stride + g * group_width;
      for (var i = first; i < first + group_width; i++) {
        count(key_of(elements[i]));
      }
    }
  } else if (SOURCE == 2u) {
    for (var i = elements[row] + lane; i < elements[row + 1u]; i += LANES) {
      count(elements[acts_at + i]);
    }
  } else {
    for (var i = lane; i < n; i += LANES) {
      count(key_of(elements[row * n_stride + i]));
    }
  }
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group_id: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  if (LOCAL) {
    for (var bin = lane; bin < BINS; bin += LANES) {
      atomicStore(&local_bins[bin], 0u);
    }
    workgroupBarrier();
  }
  for (var row = group_id.x; row < chunk.rows; row += grid.x) {
    count_row(row, lane);
  }
  if (LOCAL) {
    workgroupBarrier();
    for (var bin = lane; bin < BINS; bin += LANES) {
      let found = atomicLoad(&local_bins[bin]);
      if (found > 0u) {
        atomicAdd(&bins[bin], found);
      }
    }
  }
}

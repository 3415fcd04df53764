// Reads one digit of the k·B-th largest key off the bins of batch_histogram, and clears them.
// in   bins [2048]
// out  state {0 digits known, 1 elements equal to them still wanted, 2 floor, 3 smallest kept key}; FLOOR:
//      sets floor alone, the lowest key of the bin that holds the `kept`-th largest group maximum (so many
//      elements are at least as large: nothing below it can be kept), 0 where there are fewer
// With fewer than `kept` positive elements every walk ends in bin 0 and the key is 0: all are kept.
// One workgroup; a lane sums a stretch of bins, the first one walks down. Prelude: LANES, FLOOR.

override digit: u32;
override kept: u32;

@group(0) @binding(0) var<storage, read_write> bins: array<u32>;
@group(0) @binding(1) var<storage, read_write> state: array<u32>;

const BINS: u32 = 2048u;
const STRETCH: u32 = BINS / LANES;

var<workgroup> lane_total: array<u32, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
  var total = 0u;
  for (var i = 0u; i < STRETCH; i++) {
    total += bins[lane * STRETCH + i];
  }
  lane_total[lane] = total;
  workgroupBarrier();
  if (lane == 0u) {
    var left = kept;
    if (!FLOOR && digit > 0u) {
      left = state[1];
    }
    var owner = LANES - 1u;
    while (owner > 0u && lane_total[owner] < left) {
      left -= lane_total[owner];
      owner--;
    }
    var bin = owner * STRETCH + STRETCH - 1u;
    while (bin > owner * STRETCH && bins[bin] < left) {
      left -= bins[bin];
      bin--;
    }
    if (FLOOR) {
      state[2] = bin << 21u;
    } else {
      let shift = select(select(0u, 10u, digit == 1u), 21u, digit == 0u);
      state[0] = select(state[0], 0u, digit == 0u) | (bin << shift);
      state[1] = left;
      state[3] = 0xffffffffu;
    }
  }
  storageBarrier();
  workgroupBarrier();
  for (var i = 0u; i < STRETCH; i++) {
    bins[lane * STRETCH + i] = 0u;
  }
}

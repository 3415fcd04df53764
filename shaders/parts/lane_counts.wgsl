// Counts over the lanes of a workgroup where each lane owns a stretch of a list: one barrier gives every
// lane its place.
// Defines  Stretch, stretch_of; LaneCount, count_lanes; LaneCount2, count_lanes2
// Expects  LANES
// All lanes must call a counting function, in uniform control flow; before calling the same one again they
// need a barrier, because its memory is still being read.

struct Stretch {
  first: u32,
  end: u32,
}

// The lane's share of `count` elements, possibly empty.
fn stretch_of(lane: u32, count: u32) -> Stretch {
  let width = (count + LANES - 1u) / LANES;
  let first = min(lane * width, count);
  return Stretch(first, min(first + width, count));
}

struct LaneCount {
  // of the lanes before this one
  before: u32,
  total: u32,
}

var<workgroup> lane_count: array<u32, LANES>;

fn count_lanes(lane: u32, value: u32) -> LaneCount {
  lane_count[lane] = value;
  workgroupBarrier();
  var count = LaneCount();
  for (var other = 0u; other < LANES; other++) {
    count.before += select(0u, lane_count[other], other < lane);
    count.total += lane_count[other];
  }
  return count;
}

struct LaneCount2 {
  before: vec2<u32>,
  total: vec2<u32>,
}

var<workgroup> lane_count2: array<vec2<u32>, LANES>;

fn count_lanes2(lane: u32, value: vec2<u32>) -> LaneCount2 {
  lane_count2[lane] = value;
  workgroupBarrier();
  var count = LaneCount2();
  for (var other = 0u; other < LANES; other++) {
    count.before += select(vec2<u32>(), lane_count2[other], other < lane);
    count.total += lane_count2[other];
  }
  return count;
}

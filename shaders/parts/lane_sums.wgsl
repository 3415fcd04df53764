// Sums over the lanes of a workgroup. Every lane adds all lanes' values itself, in one fixed order: one
// barrier, and the same bits on every run.
// Defines  sum_lanes, sum_lanes2, sum_lanes4
// Expects  LANES
// All lanes must call it, in uniform control flow; before calling the same function again they need a
// barrier, because its memory is still being read.

var<workgroup> lane_sum: array<f32, LANES>;

fn sum_lanes(lane: u32, value: f32) -> f32 {
  lane_sum[lane] = value;
  workgroupBarrier();
  var sum = 0.0;
  for (var other = 0u; other < LANES; other++) {
    sum += lane_sum[other];
  }
  return sum;
}

var<workgroup> lane_sum2: array<vec2<f32>, LANES>;

fn sum_lanes2(lane: u32, value: vec2<f32>) -> vec2<f32> {
  lane_sum2[lane] = value;
  workgroupBarrier();
  var sum = vec2<f32>();
  for (var other = 0u; other < LANES; other++) {
    sum += lane_sum2[other];
  }
  return sum;
}

var<workgroup> lane_sum4: array<vec4<f32>, LANES>;

fn sum_lanes4(lane: u32, value: vec4<f32>) -> vec4<f32> {
  lane_sum4[lane] = value;
  workgroupBarrier();
  var sum = vec4<f32>();
  for (var other = 0u; other < LANES; other++) {
    sum += lane_sum4[other];
  }
  return sum;
}

// Moves a running average of one parameter towards it: average += rate · (value − average).
// in   span {first, count, rate}; values: `count` f32 from word `first` on
// out  averages [count]
// One thread per value. Prelude: LANES. Parts: grid.

struct Span {
  first: u32,
  count: u32,
  // 1 − β
  rate: f32,
}

@group(0) @binding(0) var<storage, read> values: array<f32>;
@group(0) @binding(1) var<storage, read_write> averages: array<f32>;
@group(0) @binding(2) var<uniform> span: Span;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = thread_number(group, groups, lane);
  if (at >= span.count) {
    return;
  }
  averages[at] += span.rate * (values[span.first + at] - averages[at]);
}

// Sums over all rows from sums over parts of them, in one fixed order.
// in   columnParts [parts, slots, n4·4]
// out  totals [slots, n4·4]
// One thread per slot and 4 columns. Prelude: LANES. Parts: grid.

override parts: u32;
override slots: u32;
override n4: u32;

@group(0) @binding(0) var<storage, read> columnParts: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> totals: array<vec4<f32>>;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = thread_number(group, groups, lane);
  let width = slots * n4;
  if (at >= width) {
    return;
  }
  var sum = vec4<f32>();
  for (var part = 0u; part < parts; part++) {
    sum += columnParts[part * width + at];
  }
  totals[at] = sum;
}

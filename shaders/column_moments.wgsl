// Column sums and column scatter of the gradient, over stretches of rows: b_dec needs the sums, AuxK's
// error variance both.
// in   gradient [≥ first_row + rows, d4·4]
// out  columnMoments [parts, 2, d4·4], part p over rows [first_row + p·part_rows, …): Σ g,
//      then Σ (g − part mean)²
// One thread per part and vec4 of columns: neighbours read neighbours, no barrier.
// Prelude: LANES. Parts: grid.

override rows: u32;
override d4: u32;
override part_rows: u32;
override first_row: u32;

@group(0) @binding(0) var<storage, read> gradient: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> columnMoments: array<vec4<f32>>;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group_id: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let id = thread_number(group_id, grid, lane);
  let part = id / d4;
  let q = id % d4;
  let first = part * part_rows;
  if (first >= rows) {
    return;
  }
  let end = min(first + part_rows, rows);
  var sum = vec4<f32>();
  for (var row = first; row < end; row++) {
    sum += gradient[(first_row + row) * d4 + q];
  }
  let mean = sum / f32(end - first);
  var scatter = vec4<f32>();
  for (var row = first; row < end; row++) {
    let deviation = gradient[(first_row + row) * d4 + q] - mean;
    scatter += deviation * deviation;
  }
  columnMoments[part * 2u * d4 + q] = sum;
  columnMoments[(part * 2u + 1u) * d4 + q] = scatter;
}

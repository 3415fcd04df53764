// How many elements of each row lie above the batch's key, and how many equal it.
// in   elements, guide as batch_histogram (SOURCE 1 or 2); state {key, …, 2 floor}; chunk {rows, first_row}
// out  rowCounts [*] = (above, equal) at first_row + row
// One workgroup a row. Prelude: LANES, SOURCE. Parts: float_key, grid, lane_counts.

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
@group(0) @binding(3) var<storage, read_write> rowCounts: array<vec2<u32>>;
@group(0) @binding(4) var<uniform> chunk: Chunk;

fn counted(key: u32) -> vec2<u32> {
  return vec2<u32>(
    select(0u, 1u, key > state[0]),
    select(0u, 1u, key > 0u && key == state[0]),
  );
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group_id: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = workgroup_number(group_id, grid);
  if (row >= chunk.rows) {
    return;
  }
  var counts = vec2<u32>();
  if (SOURCE == 1u) {
    let groups = n_stride / group_width;
    for (var g = lane; g < groups; g += LANES) {
      if (key_of(guide[row * groups + g]) >= max(state[2], 1u)) {
        let first = row * n_stride + g * group_width;
        for (var i = first; i < first + group_width; i++) {
          counts += counted(key_of(elements[i]));
        }
      }
    }
  } else {
    for (var i = elements[row] + lane; i < elements[row + 1u]; i += LANES) {
      counts += counted(elements[acts_at + i]);
    }
  }
  let of_row = count_lanes2(lane, counts).total;
  if (lane == 0u) {
    rowCounts[chunk.first_row + row] = of_row;
  }
}

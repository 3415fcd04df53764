// Writes the kept elements of each row, by rising latent, where batch_offsets said.
// in   elements, guide as batch_histogram (SOURCE 1 or 2; list: latents from word list_indices_at); rowCounts
//      = (above, equal ones to keep); levels {count, widths}; chunk {rows, first_row}
// out  code (of the chunk's rows; list: of the batch's): offsets as they are; latents from word indices_at,
//      acts (bits) from acts_at, gradient rows (level of the latent · batch_rows + row of the batch) from
//      rows_at; state[3] = smallest kept key
// One workgroup a row; a lane owns a stretch of groups (of list entries), so one barrier is enough.
// Prelude: LANES, SOURCE. Parts: float_key, grid, lane_counts.

override batch_rows: u32;
override n_stride: u32;
override group_width: u32;
override list_indices_at: u32;
override list_acts_at: u32;
override indices_at: u32;
override acts_at: u32;
override rows_at: u32;

struct Chunk {
  rows: u32,
  first_row: u32,
}

struct Levels {
  count: u32,
  // past the count: never reached
  widths: array<vec4<u32>, 4>,
}

@group(0) @binding(0) var<storage, read> elements: array<u32>;
@group(0) @binding(1) var<storage, read> guide: array<u32>;
@group(0) @binding(2) var<storage, read> rowCounts: array<vec2<u32>>;
@group(0) @binding(3) var<storage, read_write> state: array<atomic<u32>>;
@group(0) @binding(4) var<storage, read_write> code: array<u32>;
@group(0) @binding(5) var<uniform> levels: Levels;
@group(0) @binding(6) var<uniform> chunk: Chunk;

fn level_of(latent: u32) -> u32 {
  var level = 0u;
  while (level + 1u < levels.count && latent >= levels.widths[level / 4u][level % 4u]) {
    level++;
  }
  return level;
}

fn counted(key: u32, bound: u32) -> vec2<u32> {
  return vec2<u32>(select(0u, 1u, key > bound), select(0u, 1u, key > 0u && key == bound));
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
  let bound = atomicLoad(&state[0]);
  let lowest = max(atomicLoad(&state[2]), 1u);
  // Units: groups of group_width columns, or single entries of the list.
  var width = 1u;
  var list_first = 0u;
  var own_row = row;
  var units = 0u;
  if (SOURCE == 1u) {
    width = group_width;
    units = n_stride / group_width;
  } else {
    list_first = elements[row];
    units = elements[row + 1u] - list_first;
    own_row = chunk.first_row + row;
  }
  let own = stretch_of(lane, units);
  var counts = vec2<u32>();
  for (var unit = own.first; unit < own.end; unit++) {
    if (SOURCE == 1u && key_of(guide[row * units + unit]) < lowest) {
      continue;
    }
    for (var i = 0u; i < width; i++) {
      var key = 0u;
      if (SOURCE == 1u) {
        key = key_of(elements[row * n_stride + unit * width + i]);
      } else {
        key = elements[list_acts_at + list_first + unit];
      }
      counts += counted(key, bound);
    }
  }
  let before = count_lanes2(lane, counts).before;
  let ties = rowCounts[chunk.first_row + row].y;
  var slot = code[own_row] + before.x + min(before.y, ties);
  var left = ties - min(before.y, ties);
  var smallest = 0xffffffffu;
  for (var unit = own.first; unit < own.end; unit++) {
    if (SOURCE == 1u && key_of(guide[row * units + unit]) < lowest) {
      continue;
    }
    for (var i = 0u; i < width; i++) {
      var key = 0u;
      var latent = unit * width + i;
      if (SOURCE == 1u) {
        key = key_of(elements[row * n_stride + latent]);
      } else {
        key = elements[list_acts_at + list_first + unit];
        latent = elements[list_indices_at + list_first + unit];
      }
      let is_tie = key > 0u && key == bound;
      if (key > bound || (is_tie && left > 0u)) {
        left -= select(0u, 1u, is_tie);
        code[indices_at + slot] = latent;
        code[acts_at + slot] = key;
        code[rows_at + slot] = level_of(latent) * batch_rows + chunk.first_row + row;
        smallest = min(smallest, key);
        slot++;
      }
    }
  }
  if (smallest != 0xffffffffu) {
    atomicMin(&state[3], smallest);
  }
}

// Where each row's kept elements go. Elements equal to the key are kept in flat order until the wanted
// number is reached.
// in   rowCounts [first_row …] = (above, equal); state {key, 1 wanted, …}; chunk {rows, first_row}
// out  rowCounts: equal → how many of them the row keeps; code words [0 … rows] = exclusive prefix sums of
//      what rows keep; unused slots of the indices, from word indices_at, 0xffffffff
// One workgroup; each lane owns a stretch of rows, three barriers.
// Prelude: LANES. Parts: empty_slot, lane_counts.

override kept: u32;
override indices_at: u32;

struct Chunk {
  rows: u32,
  first_row: u32,
}

@group(0) @binding(0) var<storage, read_write> rowCounts: array<vec2<u32>>;
@group(0) @binding(1) var<storage, read> state: array<u32>;
@group(0) @binding(2) var<storage, read_write> code: array<u32>;
@group(0) @binding(3) var<uniform> chunk: Chunk;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
  let own = stretch_of(lane, chunk.rows);
  var equal = 0u;
  for (var row = own.first; row < own.end; row++) {
    equal += rowCounts[chunk.first_row + row].y;
  }
  let wanted = state[1];
  var left = wanted - min(wanted, count_lanes(lane, equal).before);
  var mine = 0u;
  for (var row = own.first; row < own.end; row++) {
    let counts = rowCounts[chunk.first_row + row];
    let taken = min(left, counts.y);
    left -= taken;
    rowCounts[chunk.first_row + row].y = taken;
    mine += counts.x + taken;
  }
  workgroupBarrier();
  let places = count_lanes(lane, mine);
  var at = places.before;
  for (var row = own.first; row < own.end; row++) {
    code[row] = at;
    let counts = rowCounts[chunk.first_row + row];
    at += counts.x + counts.y;
  }
  if (lane == 0u) {
    code[chunk.rows] = places.total;
  }
  for (var slot = places.total + lane; slot < kept; slot += LANES) {
    code[indices_at + slot] = EMPTY;
  }
}

// Where each row's kept elements go. Elements equal to the key are kept in flat order until as many as
// wanted are.
// in   rowCounts [first_row …] = (above, equal); state {key, 1 wanted, …}; chunk {rows, first_row}
// out  rowCounts: equal → how many of them the row keeps; code words [0 … rows] = exclusive prefix sums of
//      what rows keep; unused slots of the indices, from word indices_at, 0xffffffff
// One workgroup; each lane owns a stretch of rows, two barriers. Prelude: LANES.

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

var<workgroup> lane_equal: array<u32, LANES>;
var<workgroup> lane_kept: array<u32, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
  let stretch = (chunk.rows + LANES - 1u) / LANES;
  let first = min(lane * stretch, chunk.rows);
  let end = min(first + stretch, chunk.rows);
  var equal = 0u;
  for (var row = first; row < end; row++) {
    equal += rowCounts[chunk.first_row + row].y;
  }
  lane_equal[lane] = equal;
  workgroupBarrier();

  var left = state[1];
  for (var other = 0u; other < lane; other++) {
    left -= min(left, lane_equal[other]);
  }
  var mine = 0u;
  for (var row = first; row < end; row++) {
    let counts = rowCounts[chunk.first_row + row];
    let taken = min(left, counts.y);
    left -= taken;
    rowCounts[chunk.first_row + row].y = taken;
    mine += counts.x + taken;
  }
  lane_kept[lane] = mine;
  workgroupBarrier();

  var at = 0u;
  var total = 0u;
  for (var other = 0u; other < LANES; other++) {
    at += select(0u, lane_kept[other], other < lane);
    total += lane_kept[other];
  }
  for (var row = first; row < end; row++) {
    code[row] = at;
    let counts = rowCounts[chunk.first_row + row];
    at += counts.x + counts.y;
  }
  if (lane == 0u) {
    code[chunk.rows] = total;
  }
  for (var slot = total + lane; slot < kept; slot += LANES) {
    code[indices_at + slot] = 0xffffffffu;
  }
}

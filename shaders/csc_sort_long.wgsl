// The lists that csc_sort leaves out, whose ranks would cost the square of their length to count: a latent has one
// entry a gradient row at most, so an entry's rank is the number of bits below its own in a bitmap of rows.
// in   as csc_sort, but lists up to `longest` are passed over
// out  csc from word `entries_at`: their entries, by ascending gradient row
// One workgroup a latent; each lane counts the bits of a stretch of words, so one barrier gives all ranks.
// Prelude: LANES. Parts: grid, lane_counts, slot_entry.

override main_slots: u32;
override k: u32;
override rows_at: u32;
override k_aux: u32;
override aux_row: u32;
override n: u32;
override entries_at: u32;
override longest: u32;
// ⌈gradient rows / 32⌉
override words: u32;

@group(0) @binding(0) var<storage, read> latentIndices: array<u32>;
@group(0) @binding(1) var<storage, read> latentActs: array<u32>;
@group(0) @binding(2) var<storage, read> auxIndices: array<u32>;
@group(0) @binding(3) var<storage, read> auxActs: array<u32>;
@group(0) @binding(4) var<storage, read> preActGrad: array<u32>;
@group(0) @binding(5) var<storage, read> auxPreActGrad: array<u32>;
@group(0) @binding(6) var<storage, read> slots: array<u32>;
@group(0) @binding(7) var<storage, read_write> csc: array<u32>;

var<workgroup> bits: array<atomic<u32>, words>;
var<workgroup> bits_before: array<u32, words>;
var<workgroup> list_length: u32;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group_id: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let latent = workgroup_number(group_id, grid);
  if (latent >= n) {
    return;
  }
  let first = csc[latent];
  let end = csc[latent + 1u];
  if (lane == 0u) {
    list_length = end - first;
  }
  if (workgroupUniformLoad(&list_length) <= longest) {
    return;
  }
  // Workgroup memory begins at 0.
  for (var i = first + lane; i < end; i += LANES) {
    let row = slot_entry(slots[i]).row;
    atomicOr(&bits[row / 32u], 1u << (row % 32u));
  }
  workgroupBarrier();
  let own = stretch_of(lane, words);
  var mine = 0u;
  for (var word = own.first; word < own.end; word++) {
    mine += countOneBits(atomicLoad(&bits[word]));
  }
  var before = count_lanes(lane, mine).before;
  for (var word = own.first; word < own.end; word++) {
    bits_before[word] = before;
    before += countOneBits(atomicLoad(&bits[word]));
  }
  workgroupBarrier();
  for (var i = first + lane; i < end; i += LANES) {
    let entry = slot_entry(slots[i]);
    let below = atomicLoad(&bits[entry.row / 32u]) & ((1u << (entry.row % 32u)) - 1u);
    write_entry(first + bits_before[entry.row / 32u] + countOneBits(below), entry);
  }
}

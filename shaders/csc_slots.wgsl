// Turns the sparse code (by row) into lists by latent (CSC), with csc_scan and csc_sort: first it counts how
// many slots hold each latent, then, when csc_scan has made offsets of the counts, it writes slot numbers
// into their latent's list, in any order (csc_sort makes it one).
// in   latentIndices [main_slots], auxIndices [aux_slots], 0xffffffff where unused; dead {count, …}: with
//      count 0 auxIndices is stale and left out; SCATTER: csc [0 … n] offsets
// out  counts [n], added to: zero before, list lengths after; SCATTER: slots [≤ main_slots + aux_slots], a
//      slot of auxIndices counts on from main_slots
// One thread a slot; integer atomics, so the counts depend on no order.
// Prelude: LANES, SCATTER. Parts: empty_slot, grid.

override main_slots: u32;
override aux_slots: u32;

@group(0) @binding(0) var<storage, read> latentIndices: array<u32>;
@group(0) @binding(1) var<storage, read> auxIndices: array<u32>;
@group(0) @binding(2) var<storage, read> dead: array<u32>;
@group(0) @binding(3) var<storage, read> csc: array<u32>;
@group(0) @binding(4) var<storage, read_write> counts: array<atomic<u32>>;
@group(0) @binding(5) var<storage, read_write> slots: array<u32>;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let slot = thread_number(group, groups, lane);
  var latent = EMPTY;
  if (slot < main_slots) {
    latent = latentIndices[slot];
  } else if (slot < main_slots + aux_slots && dead[0] > 0u) {
    latent = auxIndices[slot - main_slots];
  }
  if (latent == EMPTY) {
    return;
  }
  let place = atomicAdd(&counts[latent], 1u);
  if (SCATTER) {
    slots[csc[latent] + place] = slot;
  }
}

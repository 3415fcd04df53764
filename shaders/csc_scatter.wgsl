// Third of four: slot numbers into their latent's list, in any order (csc_sort makes it one).
// in   latentIndices [main_slots], auxIndices [aux_slots], dead {count, …} as csc_count; csc [0 … n] offsets
// out  slots [≤ main_slots + aux_slots]; a slot of auxIndices counts on from main_slots; counts [n] = list lengths
// One thread a slot, 64 a workgroup.

override main_slots: u32;
override aux_slots: u32;

@group(0) @binding(0) var<storage, read> latentIndices: array<u32>;
@group(0) @binding(1) var<storage, read> auxIndices: array<u32>;
@group(0) @binding(2) var<storage, read> dead: array<u32>;
@group(0) @binding(3) var<storage, read> csc: array<u32>;
@group(0) @binding(4) var<storage, read_write> counts: array<atomic<u32>>;
@group(0) @binding(5) var<storage, read_write> slots: array<u32>;

const EMPTY: u32 = 0xffffffffu;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group_id: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let slot = (group_id.x + group_id.y * grid.x) * 64u + lane;
  var latent = EMPTY;
  if (slot < main_slots) {
    latent = latentIndices[slot];
  } else if (slot < main_slots + aux_slots && dead[0] > 0u) {
    latent = auxIndices[slot - main_slots];
  }
  if (latent != EMPTY) {
    slots[csc[latent] + atomicAdd(&counts[latent], 1u)] = slot;
  }
}

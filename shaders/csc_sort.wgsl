// Each latent's list in ascending slot order, hence ascending row, AuxK's entries last.
// in   the code and its gradients (parts/slot_entry.wgsl); slots, grouped by latent; csc [0 … n] offsets
// out  csc from word `entries_at`: (gradient row, act bits, preActGrad bits) per entry, but of lists longer than
//      `longest`, which csc_sort_long sorts
// One thread an entry. The rank is counted over the latent's own list: lists are short
// (rows·k/n on average) and neighbouring threads read the same one. No barrier, no order to depend on.
// Prelude: LANES. Parts: grid, slot_entry.

override main_slots: u32;
// Slots of each row; 0: rows hold any number.
override k: u32;
override rows_at: u32;
override k_aux: u32;
override aux_row: u32;
override n: u32;
override entries_at: u32;
override longest: u32;

@group(0) @binding(0) var<storage, read> latentIndices: array<u32>;
@group(0) @binding(1) var<storage, read> latentActs: array<u32>;
@group(0) @binding(2) var<storage, read> auxIndices: array<u32>;
@group(0) @binding(3) var<storage, read> auxActs: array<u32>;
@group(0) @binding(4) var<storage, read> preActGrad: array<u32>;
@group(0) @binding(5) var<storage, read> auxPreActGrad: array<u32>;
@group(0) @binding(6) var<storage, read> slots: array<u32>;
@group(0) @binding(7) var<storage, read_write> csc: array<u32>;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let position = thread_number(group, groups, lane);
  if (position >= csc[n]) {
    return;
  }
  let slot = slots[position];
  let entry = slot_entry(slot);
  let first = csc[entry.latent];
  let end = csc[entry.latent + 1u];
  if (end - first > longest) {
    return;
  }
  var rank = 0u;
  for (var i = first; i < end; i++) {
    rank += select(0u, 1u, slots[i] < slot);
  }
  write_entry(first + rank, entry);
}

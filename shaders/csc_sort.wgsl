// Each latent's list in ascending slot order, hence ascending row, AuxK's entries last.
// in   latentIndices, preActGrad [main_slots]; latentActs [main_slots], followed by the gradient row of each
//      slot from word rows_at where rows hold any number of slots; auxIndices, auxActs, auxPreActGrad
//      [rows, k_aux]; slots, grouped by latent; csc [0 … n] offsets
// out  csc from word `entries_at`: (gradient row, act bits, preActGrad bits) per entry; gradient rows of
//      AuxK count on from aux_row
// One thread an entry. The rank is counted over the latent's own list: lists are short
// (rows·k/n on average) and neighbouring threads read the same one. No barrier, no order to depend on.
// Prelude: LANES. Parts: grid.

override main_slots: u32;
// Slots of each row; 0: rows hold any number.
override k: u32;
override rows_at: u32;
override k_aux: u32;
override aux_row: u32;
override n: u32;
override entries_at: u32;

@group(0) @binding(0) var<storage, read> latentIndices: array<u32>;
@group(0) @binding(1) var<storage, read> latentActs: array<u32>;
@group(0) @binding(2) var<storage, read> auxIndices: array<u32>;
@group(0) @binding(3) var<storage, read> auxActs: array<u32>;
@group(0) @binding(4) var<storage, read> preActGrad: array<u32>;
@group(0) @binding(5) var<storage, read> auxPreActGrad: array<u32>;
@group(0) @binding(6) var<storage, read> slots: array<u32>;
@group(0) @binding(7) var<storage, read_write> csc: array<u32>;

fn gradient_row(slot: u32) -> u32 {
  if (k == 0u) {
    return latentActs[rows_at + slot];
  }
  return slot / max(k, 1u);
}

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
  var latent = 0u;
  var act = 0u;
  var delta = 0u;
  var row = 0u;
  if (slot < main_slots) {
    latent = latentIndices[slot];
    act = latentActs[slot];
    delta = preActGrad[slot];
    row = gradient_row(slot);
  } else {
    let aux = slot - main_slots;
    latent = auxIndices[aux];
    act = auxActs[aux];
    delta = auxPreActGrad[aux];
    row = aux_row + aux / max(k_aux, 1u);
  }
  let first = csc[latent];
  let end = csc[latent + 1u];
  var rank = 0u;
  for (var i = first; i < end; i++) {
    rank += select(0u, 1u, slots[i] < slot);
  }
  let at = entries_at + 3u * (first + rank);
  csc[at] = row;
  csc[at + 1u] = act;
  csc[at + 2u] = delta;
}

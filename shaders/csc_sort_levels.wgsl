// csc_sort for a code whose rows hold any number of latents: each latent's list in ascending slot order,
// hence ascending row, AuxK's entries last.
// in   code: latents from word indices_at, acts from acts_at, gradient rows from rows_at; preActGrad
//      [main_slots]; auxIndices, auxActs, auxPreActGrad [rows, k_aux]; slots, grouped by latent; csc offsets
// out  csc from word `entries_at`: (gradient row, act bits, preActGrad bits) per entry; gradient rows of
//      AuxK count on from aux_row
// One thread an entry, 64 a workgroup, as csc_sort.

override main_slots: u32;
override k_aux: u32;
override aux_row: u32;
override n: u32;
override entries_at: u32;
override indices_at: u32;
override acts_at: u32;
override rows_at: u32;

@group(0) @binding(0) var<storage, read> code: array<u32>;
@group(0) @binding(1) var<storage, read> auxIndices: array<u32>;
@group(0) @binding(2) var<storage, read> auxActs: array<u32>;
@group(0) @binding(3) var<storage, read> preActGrad: array<u32>;
@group(0) @binding(4) var<storage, read> auxPreActGrad: array<u32>;
@group(0) @binding(5) var<storage, read> slots: array<u32>;
@group(0) @binding(6) var<storage, read_write> csc: array<u32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group_id: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let position = (group_id.x + group_id.y * grid.x) * 64u + lane;
  if (position >= csc[n]) {
    return;
  }
  let slot = slots[position];
  var latent = 0u;
  var act = 0u;
  var delta = 0u;
  var gradient_row = 0u;
  if (slot < main_slots) {
    latent = code[indices_at + slot];
    act = code[acts_at + slot];
    delta = preActGrad[slot];
    gradient_row = code[rows_at + slot];
  } else {
    let aux = slot - main_slots;
    latent = auxIndices[aux];
    act = auxActs[aux];
    delta = auxPreActGrad[aux];
    gradient_row = aux_row + aux / max(k_aux, 1u);
  }
  let first = csc[latent];
  let end = csc[latent + 1u];
  var rank = 0u;
  for (var i = first; i < end; i++) {
    rank += select(0u, 1u, slots[i] < slot);
  }
  let at = entries_at + 3u * (first + rank);
  csc[at] = gradient_row;
  csc[at + 1u] = act;
  csc[at + 2u] = delta;
}

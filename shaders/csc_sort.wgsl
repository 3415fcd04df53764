// Last of four: each latent's list in ascending slot order, hence ascending row, AuxK's entries last.
// in   latentIndices, latentActs, preActGrad [rows, k]; auxIndices, auxActs, auxPreActGrad [rows, k_aux];
//      slots, grouped by latent; csc [0 … n] offsets
// out  csc from word `entries_at`: (gradient row, act bits, preActGrad bits) per entry; gradient rows of
//      AuxK are rows … 2·rows − 1
// One thread an entry, 64 a workgroup. The rank is counted over the latent's own list: lists are short
// (rows·k/n on average) and neighbouring threads read the same one. No barrier, no order to depend on.

override rows: u32;
override k: u32;
override k_aux: u32;
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
  if (slot < rows * k) {
    latent = latentIndices[slot];
    act = latentActs[slot];
    delta = preActGrad[slot];
    gradient_row = slot / k;
  } else {
    let aux = slot - rows * k;
    latent = auxIndices[aux];
    act = auxActs[aux];
    delta = auxPreActGrad[aux];
    gradient_row = rows + aux / max(k_aux, 1u);
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

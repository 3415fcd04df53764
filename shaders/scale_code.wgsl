// Activations of a sparse code from the pre-activations that selected it: each times its latent's own factor.
// in   latentIndices [rows, k] u32, unused slots 0xffffffff; actScale [d_sae] f32; chunk {rows}
// io   latentActs [rows, k] f32
// One thread a slot. Prelude: LANES. Parts: empty_slot, grid.

override k: u32;

struct Chunk {
  rows: u32,
}

@group(0) @binding(0) var<storage, read> latentIndices: array<u32>;
@group(0) @binding(1) var<storage, read> actScale: array<f32>;
@group(0) @binding(2) var<storage, read_write> latentActs: array<f32>;
@group(0) @binding(3) var<uniform> chunk: Chunk;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = thread_number(group, groups, lane);
  if (at >= chunk.rows * k) {
    return;
  }
  let latent = latentIndices[at];
  if (latent != EMPTY) {
    latentActs[at] *= actScale[latent];
  }
}

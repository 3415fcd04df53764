// Activations of a few wanted latents, taken out of a sparse code on the GPU.
// in   latentIndices u32, latentActs f32 [rows, k]; step {rows, k, max_rows, count, wanted [8], slot [8]}
// out  acts [*, max_rows] f32: row slot[j] holds the activation of wanted[j] of each of `rows` tokens, 0
//      if the code does not contain it
// One thread per token and wanted latent. Prelude: LANES. Parts: grid.

struct Step {
  rows: u32,
  k: u32,
  max_rows: u32,
  count: u32,
  wanted: array<vec4<u32>, 2>,
  slot: array<vec4<u32>, 2>,
}

@group(0) @binding(0) var<storage, read> latentIndices: array<u32>;
@group(0) @binding(1) var<storage, read> latentActs: array<f32>;
@group(0) @binding(2) var<storage, read_write> acts: array<f32>;
@group(0) @binding(3) var<uniform> step: Step;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = thread_number(group, groups, lane);
  if (at >= step.rows * step.count) {
    return;
  }
  let j = at / step.rows;
  let row = at % step.rows;
  let wanted = step.wanted[j / 4u][j % 4u];
  var act = 0.0;
  for (var i = row * step.k; i < (row + 1u) * step.k; i++) {
    if (latentIndices[i] == wanted) {
      act = latentActs[i];
    }
  }
  acts[step.slot[j / 4u][j % 4u] * step.max_rows + row] = act;
}

// n_i = ‖W_dec[i]‖₂, the weights in the penalties of free-norm architectures.
// in   W_dec [n, d4·4], zero tail
// out  norms [n]
// One workgroup a latent. Prelude: LANES. Parts: grid, lane_sums.

override n: u32;
override d4: u32;

@group(0) @binding(0) var<storage, read> W_dec: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> norms: array<f32>;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let latent = workgroup_number(group, groups);
  if (latent >= n) {
    return;
  }
  var sum = 0.0;
  for (var q = lane; q < d4; q += LANES) {
    let w = W_dec[latent * d4 + q];
    sum += dot(w, w);
  }
  let squared = sum_lanes(lane, sum);
  if (lane == 0u) {
    norms[latent] = sqrt(squared);
  }
}

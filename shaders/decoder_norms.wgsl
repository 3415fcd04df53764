// n_i = ‖W_dec[i]‖₂, which the penalties of free-norm architectures weigh with.
// in   W_dec [n, d4·4], zero tail
// out  norms [n]
// One workgroup a latent, 2-D grid; lane 0 sums the lanes' parts in a fixed order. Prelude: LANES.

override n: u32;
override d4: u32;

@group(0) @binding(0) var<storage, read> W_dec: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> norms: array<f32>;

var<workgroup> lane_sum: array<f32, LANES>;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let latent = group.x + group.y * groups.x;
  if (latent >= n) {
    return;
  }
  var sum = 0.0;
  for (var q = lane; q < d4; q += LANES) {
    let w = W_dec[latent * d4 + q];
    sum += dot(w, w);
  }
  lane_sum[lane] = sum;
  workgroupBarrier();
  if (lane > 0u) {
    return;
  }
  for (var other = 1u; other < LANES; other++) {
    sum += lane_sum[other];
  }
  norms[latent] = sqrt(sum);
}

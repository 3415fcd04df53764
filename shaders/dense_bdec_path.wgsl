// Encoder half of b_dec's gradient: Σ_latents W_enc[latent] · Σ_b ∂L/∂(xc·W_enc), in parts of latents.
// in   totals [SLOTS, n4·4] as dense_delta orders them; vectors [V, 3, n]; W_enc [n, d4·4] as the forward
//      pass used it
// out  encoderPath [⌈n / part_latents⌉, d4·4]
// One thread per part and 4 columns. Prelude: LANES, KIND. Parts: grid.

override n: u32;
override n4: u32;
override d4: u32;
override part_latents: u32;

@group(0) @binding(0) var<storage, read> totals: array<f32>;
@group(0) @binding(1) var<storage, read> vectors: array<f32>;
@group(0) @binding(2) var<storage, read> W_enc: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> encoderPath: array<vec4<f32>>;

fn delta_sum(latent: u32) -> f32 {
  let width = n4 * 4u;
  if (KIND == GATED) {
    return exp(vectors[6u * n + latent]) * totals[2u * width + latent] + totals[width + latent];
  }
  return totals[width + latent];
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = thread_number(group, groups, lane);
  let first = at / d4 * part_latents;
  if (first >= n) {
    return;
  }
  let q = at % d4;
  var sum = vec4<f32>();
  for (var latent = first; latent < min(first + part_latents, n); latent++) {
    sum += delta_sum(latent) * W_enc[latent * d4 + q];
  }
  encoderPath[at] = sum;
}

// What the two encode kernels do to their sums before they store them.
// Defines  LOWEST, which stands for "no pre-activation"; finish
// Expects  override n; b_enc [n]; counters, whose first word counts NaNs

const LOWEST: f32 = -0x1.fffffep+127f;

// Bias, padding, NaN trap for latents latent … latent + 3. A bit test: compilers may assume that no value
// is NaN.
fn finish(sum: vec4<f32>, latent: u32, counts: bool) -> vec4<f32> {
  var z = sum;
  var trapped = 0u;
  for (var i = 0u; i < 4u; i++) {
    if (latent + i >= n) {
      z[i] = LOWEST;
    } else {
      z[i] = z[i] + b_enc[latent + i];
      if ((bitcast<u32>(z[i]) & 0x7fffffffu) > 0x7f800000u) {
        z[i] = LOWEST;
        trapped++;
      }
    }
  }
  if (counts && trapped > 0u) {
    atomicAdd(&counters[0], trapped);
  }
  return z;
}

// Gradient of b_dec from the parts that earlier kernels summed: Σ_b ∂L/∂x̂, and where b_dec centres the
// input, less what reaches it through the encoder.
// Defines  bdec_gradient
// Expects  overrides d4, row_parts, latent_parts, centred; columnMoments [row_parts, 2, d4·4] (the sums);
//          encoderPath [latent_parts, d4·4]

// Of columns 4q … 4q + 3.
fn bdec_gradient(q: u32) -> vec4<f32> {
  var g = vec4<f32>();
  for (var part = 0u; part < row_parts; part++) {
    g += columnMoments[part * 2u * d4 + q];
  }
  if (centred != 0u) {
    var path = vec4<f32>();
    for (var part = 0u; part < latent_parts; part++) {
      path += encoderPath[part * d4 + q];
    }
    g -= path;
  }
  return g;
}

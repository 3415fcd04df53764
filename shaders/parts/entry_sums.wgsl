// Sums of a latent's gradients over its entries in csc; a lane keeps PER_LANE vec4 of columns in registers.
// Defines  enc_sum, dec_sum, bias_sum, which begin at 0; add_entry
// Expects  LANES, PER_LANE; overrides rows, d4, entries_at; csc, entries (gradient row, act, ∂L/∂preAct) from
//          word `entries_at`; xc [rows, d4·4]; gradient [(levels + 1)·rows, d4·4]

var<private> enc_sum: array<vec4<f32>, PER_LANE>;
var<private> dec_sum: array<vec4<f32>, PER_LANE>;
var<private> bias_sum: f32;

fn add_entry(entry: u32, lane: u32) {
  let at = entries_at + 3u * entry;
  let gradient_row = csc[at];
  let act = bitcast<f32>(csc[at + 1u]);
  let delta = bitcast<f32>(csc[at + 2u]);
  let row = gradient_row % rows;
  bias_sum += delta;
  for (var i = 0u; i < PER_LANE; i++) {
    let q = lane + i * LANES;
    if (q < d4) {
      enc_sum[i] += delta * xc[row * d4 + q];
      dec_sum[i] += act * gradient[gradient_row * d4 + q];
    }
  }
}

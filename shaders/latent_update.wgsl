// One latent's gradients, summed over the rows that hold it, and immediately its Adam step: weight gradients
// never reach memory. Rows of W_dec keep unit norm: the gradient's part along the row is removed before
// Adam, the row is renormalised after.
// in   csc: offsets [0 … n], entries (gradient row, act, ∂L/∂preAct) from word `entries_at`, by ascending
//      row, sums of whole blocks of them from word `blocks_at` (csc_blocks); xc [rows, d4·4]; gradient [(levels + 1)·rows, d4·4] (AuxK's rows last; all share xc)
//      shard {first, count}
// out  of the shard's latents: W_enc, W_dec [shard.count, d4·4]; momentsEnc, momentsDec [shard.count, 2, d4·4]: m,
//      then v; encoderBias [3, n]: b_enc, m, v. Adam's moments decay even for a latent without entries.
// One workgroup a latent; a lane keeps PER_LANE vec4 of columns in registers. Two reductions over the row.
// Prelude: LANES, PER_LANE. Parts: adam, entry_sums, grid, lane_sums, list_blocks, shard, trainer_step.

override rows: u32;
override n: u32;
override d4: u32;
override entries_at: u32;
override block_entries: u32;
override blocks_at: u32;
override beta1: f32;
override beta2: f32;
override eps: f32;

@group(0) @binding(0) var<storage, read> csc: array<u32>;
@group(0) @binding(1) var<storage, read> xc: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> gradient: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> W_enc: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> W_dec: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> momentsEnc: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> momentsDec: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> encoderBias: array<f32>;
@group(0) @binding(8) var<uniform> step: TrainerStep;
@group(0) @binding(9) var<uniform> shard: Shard;

fn adam_bias(latent: u32, g: f32) {
  let m_old = encoderBias[n + latent];
  let moved = adam(m_old, encoderBias[2u * n + latent], g, step.rate, step.secondScale);
  encoderBias[n + latent] = moved.m;
  encoderBias[2u * n + latent] = moved.v;
  encoderBias[latent] -= moved.change;
}

fn block_sum(at: u32) -> vec4<f32> {
  return bitcast<vec4<f32>>(vec4<u32>(csc[at], csc[at + 1u], csc[at + 2u], csc[at + 3u]));
}

fn add_block(at: u32, lane: u32) {
  bias_sum += bitcast<f32>(csc[at + 8u * d4]);
  for (var i = 0u; i < PER_LANE; i++) {
    let q = lane + i * LANES;
    if (q < d4) {
      enc_sum[i] += block_sum(at + 4u * q);
      dec_sum[i] += block_sum(at + 4u * (d4 + q));
    }
  }
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group_id: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  // of the shard's rows
  let own = workgroup_number(group_id, grid);
  if (own >= shard.count) {
    return;
  }
  let latent = shard.first + own;

  let end = csc[latent + 1u];
  let blocks = whole_blocks(csc[latent], end);
  for (var i = csc[latent]; i < end - blocks.entries; i++) {
    add_entry(select(i, i + blocks.entries, i >= blocks.entry), lane);
  }
  for (var b = blocks.first; b < blocks.end; b++) {
    add_block(block_word(b), lane);
  }

  var w_dec = array<vec4<f32>, PER_LANE>();
  // gradient · row, row · row
  var products = vec2<f32>();
  for (var i = 0u; i < PER_LANE; i++) {
    let q = lane + i * LANES;
    if (q < d4) {
      w_dec[i] = W_dec[own * d4 + q];
      products += vec2<f32>(dot(dec_sum[i], w_dec[i]), dot(w_dec[i], w_dec[i]));
    }
  }
  products = sum_lanes2(lane, products);
  let along = products.x / products.y;

  var norm2 = 0.0;
  for (var i = 0u; i < PER_LANE; i++) {
    let q = lane + i * LANES;
    if (q < d4) {
      let at = 2u * own * d4 + q;
      let g = dec_sum[i] - along * w_dec[i];
      let dec = adam4(momentsDec[at], momentsDec[at + d4], g, step.rate, step.secondScale);
      momentsDec[at] = dec.m;
      momentsDec[at + d4] = dec.v;
      w_dec[i] -= dec.change;
      norm2 += dot(w_dec[i], w_dec[i]);

      let h = enc_sum[i];
      let enc = adam4(momentsEnc[at], momentsEnc[at + d4], h, step.rate, step.secondScale);
      momentsEnc[at] = enc.m;
      momentsEnc[at + d4] = enc.v;
      W_enc[own * d4 + q] -= enc.change;
    }
  }
  if (lane == 0u) {
    adam_bias(latent, bias_sum);
  }
  let norm = sqrt(sum_lanes(lane, norm2));
  for (var i = 0u; i < PER_LANE; i++) {
    let q = lane + i * LANES;
    if (q < d4) {
      W_dec[own * d4 + q] = w_dec[i] / norm;
    }
  }
}

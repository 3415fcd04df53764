// Encoder half of b_dec's gradient: Σ_latents W_enc[latent] · Σ_b δ[b, latent], in parts of latents.
// in   csc: offsets [0 … n], entries from word `entries_at`, sums of whole blocks of them from word `blocks_at`;
//      W_enc: rows of the shard's latents, [shard.count, d4·4], as the forward pass used them; shard {first,
//      count}, first a multiple of part_latents
// out  encoderPath [⌈n / part_latents⌉, d4·4]: the shard's parts
// One workgroup per part: first its sums of δ, then one sweep over their rows of W_enc.
// Prelude: LANES. Parts: grid, list_blocks, shard.

override d4: u32;
override part_latents: u32;
override entries_at: u32;
override block_entries: u32;
override blocks_at: u32;

@group(0) @binding(0) var<storage, read> csc: array<u32>;
@group(0) @binding(1) var<storage, read> W_enc: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> encoderPath: array<vec4<f32>>;
@group(0) @binding(3) var<uniform> shard: Shard;

var<workgroup> delta: array<f32, part_latents>;

fn delta_sum(list_first: u32, list_end: u32) -> f32 {
  let blocks = whole_blocks(list_first, list_end);
  var sum = 0.0;
  for (var i = list_first; i < list_end - blocks.entries; i++) {
    let entry = select(i, i + blocks.entries, i >= blocks.entry);
    sum += bitcast<f32>(csc[entries_at + 3u * entry + 2u]);
  }
  for (var b = blocks.first; b < blocks.end; b++) {
    sum += bitcast<f32>(csc[block_word(b) + 8u * d4]);
  }
  return sum;
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group_id: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  // of the shard's rows
  let own = workgroup_number(group_id, grid) * part_latents;
  if (own >= shard.count) {
    return;
  }
  let first = shard.first + own;
  let count = min(part_latents, shard.count - own);
  for (var i = lane; i < count; i += LANES) {
    delta[i] = delta_sum(csc[first + i], csc[first + i + 1u]);
  }
  workgroupBarrier();
  for (var q = lane; q < d4; q += LANES) {
    var sum = vec4<f32>();
    for (var i = 0u; i < count; i++) {
      sum += delta[i] * W_enc[(own + i) * d4 + q];
    }
    encoderPath[first / part_latents * d4 + q] = sum;
  }
}

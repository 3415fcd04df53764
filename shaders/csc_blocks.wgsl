// Sums of gradients over the blocks of long lists (parts/list_blocks.wgsl): without them a latent that fires on
// every row would make one workgroup of latent_update, and one lane of bdec_grad, the tail of the step.
// in   csc: offsets [0 … n], entries from word `entries_at`; xc, gradient as latent_update has them
// out  csc from word `blocks_at`: the sums of each block that lies wholly in one list; others stay as they are
//      and are not read
// One workgroup a block, which finds its latent by bisection. The entries of a block are added in their order,
// blocks later in theirs: the same bits on every run.
// Prelude: LANES, PER_LANE. Parts: entry_sums, grid, list_blocks.

override rows: u32;
override n: u32;
override d4: u32;
override entries_at: u32;
override blocks: u32;
override block_entries: u32;
override blocks_at: u32;

@group(0) @binding(0) var<storage, read> xc: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> gradient: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> csc: array<u32>;

// Whose list holds this entry, which exists: the last latent whose list begins at it or before.
fn owner_of(entry: u32) -> u32 {
  var latent = 0u;
  var above = n;
  while (above - latent > 1u) {
    let middle = (latent + above) / 2u;
    if (csc[middle] <= entry) {
      latent = middle;
    } else {
      above = middle;
    }
  }
  return latent;
}

fn store(at: u32, sum: vec4<f32>) {
  let bits = bitcast<vec4<u32>>(sum);
  for (var i = 0u; i < 4u; i++) {
    csc[at + i] = bits[i];
  }
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group_id: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let b = workgroup_number(group_id, grid);
  let first = b * block_entries;
  if (b >= blocks || first + block_entries > csc[n]) {
    return;
  }
  if (csc[owner_of(first) + 1u] < first + block_entries) {
    return;
  }
  for (var entry = first; entry < first + block_entries; entry++) {
    add_entry(entry, lane);
  }
  let at = block_word(b);
  for (var i = 0u; i < PER_LANE; i++) {
    let q = lane + i * LANES;
    if (q < d4) {
      store(at + 4u * q, enc_sum[i]);
      store(at + 4u * (d4 + q), dec_sum[i]);
    }
  }
  if (lane == 0u) {
    csc[at + 8u * d4] = bitcast<u32>(bias_sum);
  }
}

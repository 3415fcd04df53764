// The active latents of each row for architectures with a rule per latent instead of a k: inference of ReLU,
// JumpReLU (including trained BatchTopK and Matryoshka) and Gated SAEs.
// in   preActs [rows, n_stride] = h; rule: THRESHOLD: [n] T ≥ 0, f = h where h > T; GATED: [3, n] b_gate,
//      b_mag, e^{r_mag}, f = max(e^{r_mag}·h + b_mag, 0) where h + b_gate > 0; chunk {rows}
// out  latentIndices, latentActs [rows, capacity]: ascending latents, unused slots 0xffffffff and 0;
//      most[0] = max with the row's number of active latents, even if it exceeds `capacity`: then the
//      row is cut short and the host must run again with more
// One workgroup a row; each lane owns a stretch of columns, so one barrier is enough. Prelude: LANES, GATED.
// Parts: empty_slot, grid, lane_counts.

override n: u32;
override n_stride: u32;
override capacity: u32;

struct Chunk {
  rows: u32,
}

@group(0) @binding(0) var<storage, read> preActs: array<f32>;
@group(0) @binding(1) var<storage, read> rule: array<f32>;
@group(0) @binding(2) var<storage, read_write> latentIndices: array<u32>;
@group(0) @binding(3) var<storage, read_write> latentActs: array<f32>;
@group(0) @binding(4) var<storage, read_write> most: array<atomic<u32>>;
@group(0) @binding(5) var<uniform> chunk: Chunk;

fn act_of(row: u32, latent: u32) -> f32 {
  let h = preActs[row * n_stride + latent];
  if (GATED) {
    let open = h + rule[latent] > 0.0;
    return select(0.0, max(rule[2u * n + latent] * h + rule[n + latent], 0.0), open);
  }
  return select(0.0, h, h > rule[latent]);
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group_id: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = workgroup_number(group_id, grid);
  if (row >= chunk.rows) {
    return;
  }
  let own = stretch_of(lane, n);
  var found = 0u;
  for (var latent = own.first; latent < own.end; latent++) {
    found += select(0u, 1u, act_of(row, latent) > 0.0);
  }
  let in_row = count_lanes(lane, found);
  var slot = in_row.before;
  for (var latent = own.first; latent < own.end; latent++) {
    let act = act_of(row, latent);
    if (act > 0.0) {
      if (slot < capacity) {
        latentIndices[row * capacity + slot] = latent;
        latentActs[row * capacity + slot] = act;
      }
      slot++;
    }
  }
  for (var unused = in_row.total + lane; unused < capacity; unused += LANES) {
    latentIndices[row * capacity + unused] = EMPTY;
    latentActs[row * capacity + unused] = 0.0;
  }
  if (lane == 0u) {
    atomicMax(&most[0], in_row.total);
  }
}

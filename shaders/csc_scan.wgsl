// Second of four: offsets of each latent's list.
// in   counts [n]
// out  csc [0 … n] = exclusive prefix sums of counts, the total last; counts back to 0, as cursors
// One workgroup; each lane owns a stretch of latents, so one barrier is enough.
// Prelude: LANES. Parts: lane_counts.

override n: u32;

@group(0) @binding(0) var<storage, read_write> counts: array<u32>;
@group(0) @binding(1) var<storage, read_write> csc: array<u32>;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
  let own = stretch_of(lane, n);
  var total = 0u;
  for (var latent = own.first; latent < own.end; latent++) {
    total += counts[latent];
  }
  let entries = count_lanes(lane, total);
  var at = entries.before;
  for (var latent = own.first; latent < own.end; latent++) {
    csc[latent] = at;
    at += counts[latent];
    counts[latent] = 0u;
  }
  if (lane == 0u) {
    csc[n] = entries.total;
  }
}

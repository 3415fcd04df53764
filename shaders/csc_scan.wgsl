// Second of four: offsets of each latent's list.
// in   counts [n]
// out  csc [0 … n] = exclusive prefix sums of counts, the total last; counts back to 0, as cursors
// One workgroup; each lane owns a stretch of latents, so one barrier is enough. Prelude: LANES.

override n: u32;

@group(0) @binding(0) var<storage, read_write> counts: array<u32>;
@group(0) @binding(1) var<storage, read_write> csc: array<u32>;

var<workgroup> lane_total: array<u32, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
  let stretch = (n + LANES - 1u) / LANES;
  let first = min(lane * stretch, n);
  let end = min(first + stretch, n);
  var total = 0u;
  for (var latent = first; latent < end; latent++) {
    total += counts[latent];
  }
  lane_total[lane] = total;
  workgroupBarrier();
  var at = 0u;
  for (var other = 0u; other < lane; other++) {
    at += lane_total[other];
  }
  for (var latent = first; latent < end; latent++) {
    csc[latent] = at;
    at += counts[latent];
    counts[latent] = 0u;
  }
  if (lane == LANES - 1u) {
    csc[n] = at;
  }
}

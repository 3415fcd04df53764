// Counts silence in tokens after a dense step, and how many latents are dead.
// in   totals: first n words = tokens on which each latent fired
// out  tokensSinceFired [n]; metrics word 7 = latents with tokensSinceFired ≥ dead_after
// One workgroup; each lane takes every LANES-th latent. Prelude: LANES. Parts: lane_counts, silence.

override rows: u32;
override n: u32;
override dead_after: u32;

@group(0) @binding(0) var<storage, read> totals: array<f32>;
@group(0) @binding(1) var<storage, read_write> tokensSinceFired: array<u32>;
@group(0) @binding(2) var<storage, read_write> metrics: array<u32>;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
  var count = 0u;
  for (var latent = lane; latent < n; latent += LANES) {
    var since = 0u;
    if (totals[latent] == 0.0) {
      since = longer_silence(tokensSinceFired[latent], rows);
    }
    tokensSinceFired[latent] = since;
    count += select(0u, 1u, since >= dead_after);
  }
  let dead = count_lanes(lane, count).total;
  if (lane == 0u) {
    metrics[7] = dead;
  }
}

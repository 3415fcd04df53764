// Counts silence in tokens and lists the dead latents for the next step's AuxK.
// in   csc [0 … n] offsets and, from word `entries_at`, entries by ascending row: a latent fired iff its
//      first entry is of a gradient row < main_rows (AuxK's entries come after, and do not count as firing)
// out  tokensSinceFired [n]; dead = {count, 0 0 0, then indirect arguments at words 4 (aux_topk on a full
//      chunk), 7 (on the last chunk), 10 (a workgroup per row), 13 (one workgroup), all zero grids
//      without dead latents; from word 16 the dead latents, ascending}; metrics word 7 = count
// One workgroup; each lane owns a stretch of latents, so one barrier is enough.
// Prelude: LANES. Parts: grid, lane_counts, silence.

override rows: u32;
override main_rows: u32;
override n: u32;
override entries_at: u32;
override dead_after: u32;
override chunk_rows: u32;
override last_chunk_rows: u32;

@group(0) @binding(0) var<storage, read> csc: array<u32>;
@group(0) @binding(1) var<storage, read_write> tokensSinceFired: array<u32>;
@group(0) @binding(2) var<storage, read_write> dead: array<u32>;
@group(0) @binding(3) var<storage, read_write> metrics: array<u32>;

const LIST: u32 = 16u;

fn write_grid(at: u32, count: u32) {
  dead[at] = min(count, GRID_ROW);
  dead[at + 1u] = (count + GRID_ROW - 1u) / GRID_ROW;
  dead[at + 2u] = 1u;
}

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
  let own = stretch_of(lane, n);
  var mine = 0u;
  for (var latent = own.first; latent < own.end; latent++) {
    let at = csc[latent];
    var since = 0u;
    if (at == csc[latent + 1u] || csc[entries_at + 3u * at] >= main_rows) {
      since = longer_silence(tokensSinceFired[latent], rows);
    }
    tokensSinceFired[latent] = since;
    mine += select(0u, 1u, since >= dead_after);
  }
  let silent = count_lanes(lane, mine);
  var at = LIST + silent.before;
  for (var latent = own.first; latent < own.end; latent++) {
    if (tokensSinceFired[latent] >= dead_after) {
      dead[at] = latent;
      at++;
    }
  }
  if (lane == 0u) {
    let count = silent.total;
    let any = select(0u, 1u, count > 0u);
    dead[0] = count;
    write_grid(4u, any * chunk_rows);
    write_grid(7u, any * last_chunk_rows);
    write_grid(10u, any * rows);
    write_grid(13u, any);
    metrics[7] = count;
  }
}

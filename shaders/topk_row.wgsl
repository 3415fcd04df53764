// Exact TopK of each row's positive pre-activations, guided by group maxima (kernels.md §1).
// in   groupMax [rows, groups]; preActs [rows, n_stride], any value, NaN and padding never chosen;
//      chunk {rows}
// out  latentIndices, latentActs [rows, k]: strongest first, ties to the lower index; unused slots
//      0xffffffff and 0. Rows with more candidates than CAP are left out: they join overflow =
//      {count, 1, 1, 0, row …}, whose first three words are the indirect arguments of topk_fallback;
//      counters[1] += such rows
// One workgroup a row. The k groups with the best maxima hold the k best elements, and the k-th maximum
// bounds them from below, so only k · group_width elements are read and few are ranked. The k-th maximum is
// found by counting each one's rank (three barriers in all, but quadratic in the number of groups) or, RADIX, by
// radix select; then groups that tie with the k-th are all read.
// Prelude: LANES (64–256 on a GPU; 8, one SIMD vector, where a barrier is a context switch), RADIX.
// Parts: empty_slot, float_key, grid, radix_select.

override k: u32;
override groups: u32;
override group_width: u32;
override cap: u32;

struct Chunk {
  rows: u32,
}

@group(0) @binding(0) var<storage, read> groupMax: array<u32>;
@group(0) @binding(1) var<storage, read> preActs: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> latentIndices: array<u32>;
@group(0) @binding(3) var<storage, read_write> latentActs: array<u32>;
@group(0) @binding(4) var<storage, read_write> overflow: array<atomic<u32>>;
@group(0) @binding(5) var<storage, read_write> counters: array<atomic<u32>>;
@group(0) @binding(6) var<uniform> chunk: Chunk;

// Four to a word, the last one padded with 0: the loop over all groups is the main cost of a row.
var<workgroup> maxima: array<vec4<u32>, (groups + 3u) / 4u>;
var<workgroup> chosen: array<u32, k>;
var<workgroup> candidate_key: array<u32, cap>;
var<workgroup> candidate_index: array<u32, cap>;
var<workgroup> bound: u32;
var<workgroup> candidates: atomic<u32>;

// bound = the k-th maximum, chosen = the k groups with the best ones.
fn rank_groups(lane: u32) {
  let quads = (groups + 3u) / 4u;
  // Rank of a group: how many precede it by (maximum descending, index ascending). An equal maximum
  // precedes if its index is lower, so it must only reach `mine`, later ones exceed it.
  for (var g = lane; g < groups; g += LANES) {
    let mine = maxima[g / 4u][g % 4u];
    if (mine > 0u) {
      var ranks = vec4<u32>();
      for (var q = 0u; q < quads; q++) {
        let earlier = vec4<u32>(0u, 1u, 2u, 3u) + q * 4u < vec4<u32>(g);
        let needed = select(vec4<u32>(mine + 1u), vec4<u32>(mine), earlier);
        ranks += select(vec4<u32>(0u), vec4<u32>(1u), maxima[q] >= needed);
      }
      let rank = ranks.x + ranks.y + ranks.z + ranks.w;
      if (rank < k) {
        chosen[rank] = g;
      }
      if (rank == k - 1u) {
        bound = mine;
      }
    }
  }
}

// The candidates of one vec4 of columns.
fn gather_quad(row: u32, quad: u32) {
  let values = preActs[row * groups * (group_width / 4u) + quad];
  for (var i = 0u; i < 4u; i++) {
    let key = key_of(values[i]);
    if (key >= bound) {
      let slot = atomicAdd(&candidates, 1u);
      if (slot < cap) {
        candidate_key[slot] = key;
        candidate_index[slot] = quad * 4u + i;
      }
    }
  }
}

fn gather_chosen(row: u32, lane: u32) {
  // Fewer than k positive maxima: the rest of `chosen` is unset, and `bound` still 1.
  var filled = k;
  if (bound == 1u) {
    filled = 0u;
    for (var g = 0u; g < groups; g++) {
      filled += select(0u, 1u, maxima[g / 4u][g % 4u] > 0u);
    }
    filled = min(filled, k);
  }
  let width4 = group_width / 4u;
  for (var e = lane; e < filled * width4; e += LANES) {
    let quad = chosen[e / width4] * width4 + e % width4;
    gather_quad(row, quad);
  }
}

// bound = the k-th maximum, or 1 where fewer are positive.
fn select_bound(lane: u32) {
  for (var digit = 0u; digit < 4u; digit++) {
    clear_bins(lane);
    for (var g = lane; g < groups; g += LANES) {
      count_key(maxima[g / 4u][g % 4u], digit);
    }
    pick_digit(lane, digit);
  }
  if (lane == 0u) {
    bound = max(selected_key, 1u);
  }
  workgroupBarrier();
}

fn gather_reaching(row: u32, lane: u32) {
  let width4 = group_width / 4u;
  for (var quad = lane; quad < groups * width4; quad += LANES) {
    let g = quad / width4;
    if (maxima[g / 4u][g % 4u] >= bound) {
      gather_quad(row, quad);
    }
  }
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

  let quads = (groups + 3u) / 4u;
  for (var q = lane; q < quads; q += LANES) {
    var keys = vec4<u32>();
    for (var i = 0u; i < 4u; i++) {
      if (q * 4u + i < groups) {
        keys[i] = key_of(groupMax[row * groups + q * 4u + i]);
      }
    }
    maxima[q] = keys;
  }
  if (lane == 0u) {
    begin_select(k);
    atomicStore(&candidates, 0u);
    bound = 1u;
  }
  workgroupBarrier();

  if (RADIX) {
    select_bound(lane);
    gather_reaching(row, lane);
  } else {
    rank_groups(lane);
    workgroupBarrier();
    gather_chosen(row, lane);
  }
  workgroupBarrier();

  let found = atomicLoad(&candidates);
  if (found > cap) {
    if (lane == 0u) {
      let slot = atomicAdd(&overflow[0], 1u);
      atomicStore(&overflow[1], 1u);
      atomicStore(&overflow[2], 1u);
      atomicStore(&overflow[4u + slot], row);
      atomicAdd(&counters[1], 1u);
    }
    return;
  }
  for (var c = lane; c < found; c += LANES) {
    let key = candidate_key[c];
    let index = candidate_index[c];
    var rank = 0u;
    for (var other = 0u; other < found; other++) {
      let is_before = precedes(candidate_key[other], candidate_index[other], key, index);
      rank += select(0u, 1u, is_before);
    }
    if (rank < k) {
      latentIndices[row * k + rank] = index;
      latentActs[row * k + rank] = key;
    }
  }
  for (var slot = found + lane; slot < k; slot += LANES) {
    latentIndices[row * k + slot] = EMPTY;
    latentActs[row * k + slot] = 0u;
  }
}

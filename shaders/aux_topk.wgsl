// AuxK's code: of each row the k_aux largest positive pre-activations among the dead latents.
// in   preActs [chunk rows, n_stride] unclamped; dead {count, …, latents from word 16, ascending}
// out  auxIndices, auxActs [chunk rows, k_aux]: ascending latent, used slots first, then 0xffffffff and 0
// One workgroup a row, dispatched indirectly: none without dead latents. A pre-activation that is not
// positive gives neither value nor gradient, so only positive ones compete; ties go to the lower latent.
// Where more than k_aux compete, a radix select finds the k_aux-th key. Each lane owns a stretch of the
// list, so the order of the slots does not depend on scheduling.
// Prelude: LANES. Parts: empty_slot, float_key, grid, lane_counts, radix_select.

override k_aux: u32;
override n_stride: u32;

@group(0) @binding(0) var<storage, read> preActs: array<u32>;
@group(0) @binding(1) var<storage, read> dead: array<u32>;
@group(0) @binding(2) var<storage, read_write> auxIndices: array<u32>;
@group(0) @binding(3) var<storage, read_write> auxActs: array<u32>;

const LIST: u32 = 16u;

var<workgroup> competitors: u32;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group_id: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = workgroup_number(group_id, grid);
  let start = row * n_stride;
  let count = dead[0];
  let own = stretch_of(lane, count);

  // threshold 0 and no ties to keep: every positive element is kept.
  var threshold = 0u;
  var ties_kept = 0u;
  if (count > k_aux) {
    if (lane == 0u) {
      begin_select(k_aux);
    }
    var mine = 0u;
    for (var i = own.first; i < own.end; i++) {
      mine += select(0u, 1u, key_of(preActs[start + dead[LIST + i]]) > 0u);
    }
    let positive = count_lanes(lane, mine).total;
    if (lane == 0u) {
      competitors = positive;
    }
    if (workgroupUniformLoad(&competitors) > k_aux) {
      for (var digit = 0u; digit < 4u; digit++) {
        clear_bins(lane);
        for (var i = own.first; i < own.end; i++) {
          count_key(key_of(preActs[start + dead[LIST + i]]), digit);
        }
        pick_digit(lane, digit);
      }
      threshold = selected_key;
      ties_kept = ties_wanted;
    }
  }

  // (above the threshold, equal to it)
  var mine = vec2<u32>();
  for (var i = own.first; i < own.end; i++) {
    let key = key_of(preActs[start + dead[LIST + i]]);
    mine.x += select(0u, 1u, key > threshold);
    mine.y += select(0u, 1u, key > 0u && key == threshold);
  }
  let counts = count_lanes2(lane, mine);
  var before = counts.before;
  for (var i = own.first; i < own.end; i++) {
    let latent = dead[LIST + i];
    let key = key_of(preActs[start + latent]);
    let is_tie = key > 0u && key == threshold;
    let slot = before.x + min(before.y, ties_kept);
    if (key > threshold || (is_tie && before.y < ties_kept)) {
      auxIndices[row * k_aux + slot] = latent;
      auxActs[row * k_aux + slot] = key;
    }
    before.x += select(0u, 1u, key > threshold);
    before.y += select(0u, 1u, is_tie);
  }
  let kept = counts.total.x + min(counts.total.y, ties_kept);
  for (var slot = kept + lane; slot < k_aux; slot += LANES) {
    auxIndices[row * k_aux + slot] = EMPTY;
    auxActs[row * k_aux + slot] = 0u;
  }
}

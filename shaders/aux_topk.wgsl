// AuxK's code: of each row the k_aux largest positive pre-activations among the dead latents.
// in   preActs [chunk rows, n_stride] unclamped; dead {count, …, latents from word 16, ascending}
// out  auxIndices, auxActs [chunk rows, k_aux]: ascending latent, used slots first, then 0xffffffff and 0
// One workgroup a row, dispatched indirectly: none without dead latents. A pre-activation that is not
// positive gives neither value nor gradient, so only positive ones compete; ties go to the lower latent.
// Where more than k_aux compete, four passes of 8-bit digits find the k_aux-th key. Each lane owns a
// stretch of the list, so the slots come out in an order that no schedule can change.
// Prelude: LANES.

override k_aux: u32;
override n_stride: u32;

@group(0) @binding(0) var<storage, read> preActs: array<u32>;
@group(0) @binding(1) var<storage, read> dead: array<u32>;
@group(0) @binding(2) var<storage, read_write> auxIndices: array<u32>;
@group(0) @binding(3) var<storage, read_write> auxActs: array<u32>;

const EMPTY: u32 = 0xffffffffu;
const LIST: u32 = 16u;

var<workgroup> bins: array<atomic<u32>, 256>;
var<workgroup> competitors: u32;
// Digits of the k_aux-th key found so far, and how many elements equal to it are still wanted.
var<workgroup> prefix: u32;
var<workgroup> wanted: u32;
var<workgroup> above_of: array<u32, LANES>;
var<workgroup> ties_of: array<u32, LANES>;

// Order of positive floats as unsigned order; 0 for all that is never chosen.
fn key_of(bits: u32) -> u32 {
  return select(0u, bits, bits - 1u < 0x7f800000u);
}

fn pick_bin(shift: u32) {
  var left = wanted;
  var bin = 255u;
  loop {
    let count = atomicLoad(&bins[bin]);
    if (count >= left || bin == 0u) {
      break;
    }
    left -= count;
    bin--;
  }
  wanted = left;
  prefix |= bin << shift;
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group_id: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = group_id.x;
  let start = row * n_stride;
  let count = dead[0];
  let stretch = (count + LANES - 1u) / LANES;
  let first = min(lane * stretch, count);
  let end = min(first + stretch, count);

  // threshold 0 and no ties wanted: every positive element is kept.
  var threshold = 0u;
  var ties_wanted = 0u;
  if (count > k_aux) {
    if (lane == 0u) {
      prefix = 0u;
      wanted = k_aux;
    }
    var mine = 0u;
    for (var i = first; i < end; i++) {
      mine += select(0u, 1u, key_of(preActs[start + dead[LIST + i]]) > 0u);
    }
    above_of[lane] = mine;
    workgroupBarrier();
    if (lane == 0u) {
      competitors = 0u;
      for (var other = 0u; other < LANES; other++) {
        competitors += above_of[other];
      }
    }
    if (workgroupUniformLoad(&competitors) > k_aux) {
      for (var digit = 0u; digit < 4u; digit++) {
        let shift = 24u - 8u * digit;
        for (var bin = lane; bin < 256u; bin += LANES) {
          atomicStore(&bins[bin], 0u);
        }
        workgroupBarrier();
        let known = prefix;
        for (var i = first; i < end; i++) {
          let key = key_of(preActs[start + dead[LIST + i]]);
          // Digits above this one agree; a shift by 32 is not defined, so the first pass is apart.
          let agrees = digit == 0u || (key >> (shift + 8u)) == (known >> (shift + 8u));
          if (key > 0u && agrees) {
            atomicAdd(&bins[(key >> shift) & 255u], 1u);
          }
        }
        workgroupBarrier();
        if (lane == 0u) {
          pick_bin(shift);
        }
        workgroupBarrier();
      }
      threshold = prefix;
      ties_wanted = wanted;
    }
  }

  var above = 0u;
  var ties = 0u;
  for (var i = first; i < end; i++) {
    let key = key_of(preActs[start + dead[LIST + i]]);
    above += select(0u, 1u, key > threshold);
    ties += select(0u, 1u, key > 0u && key == threshold);
  }
  above_of[lane] = above;
  ties_of[lane] = ties;
  workgroupBarrier();

  var above_before = 0u;
  var ties_before = 0u;
  var above_all = 0u;
  var ties_all = 0u;
  for (var other = 0u; other < LANES; other++) {
    if (other == lane) {
      above_before = above_all;
      ties_before = ties_all;
    }
    above_all += above_of[other];
    ties_all += ties_of[other];
  }
  for (var i = first; i < end; i++) {
    let latent = dead[LIST + i];
    let key = key_of(preActs[start + latent]);
    let is_tie = key > 0u && key == threshold;
    let slot = above_before + min(ties_before, ties_wanted);
    if (key > threshold || (is_tie && ties_before < ties_wanted)) {
      auxIndices[row * k_aux + slot] = latent;
      auxActs[row * k_aux + slot] = key;
    }
    above_before += select(0u, 1u, key > threshold);
    ties_before += select(0u, 1u, is_tie);
  }
  let kept = above_all + min(ties_all, ties_wanted);
  for (var slot = kept + lane; slot < k_aux; slot += LANES) {
    auxIndices[row * k_aux + slot] = EMPTY;
    auxActs[row * k_aux + slot] = 0u;
  }
}

// Steering between two graph segments (interface.md 4): h' = h + clip(ΣΔ) for listed rows of a residual
// stream, in place, every Δ from the same h.
// in   vectors [2·S, d] f32: S directions, then S readers (a latent's encoder row, a vector's own
//      direction); rows [rows] u32, distinct; known [S, max_rows] f32: f of slots with RULE_KNOWN;
//      step: counts, κ (0: no clip), slots, inverse [8, 8] of the projecting slots' Gram matrix, 0 elsewhere
// io   residual [*, d] f32, row-major, tight
// out  readouts [rows, 20] f32: ‖h‖, ‖Δ‖, clipped (0 or 1), 0, f before of 8 slots, f after of 8 slots
//      (0 after for RULE_KNOWN)
// One workgroup a row: five sweeps over d, bound by launch cost. Prelude: LANES. Parts: grid.

const SLOTS: u32 = 8u;
const SUMS: u32 = 9u;
const READOUT: u32 = 20u;

const ADD: u32 = 1u;
const SET: u32 = 2u;
const SCALE: u32 = 3u;
const CAP: u32 = 4u;
const ABLATE: u32 = 5u;

const RULE_RELU: u32 = 0u;
const RULE_JUMP: u32 = 1u;
const RULE_GATED: u32 = 2u;
const RULE_KNOWN: u32 = 3u;
const RULE_VECTOR: u32 = 4u;

struct Slot {
  // 0: off
  @align(16) mode: u32,
  // 1: value · ‖h‖, else value · scale
  is_norm: u32,
  value: f32,
  scale: f32,
  rule: u32,
  // 1: solved together with the others
  is_projecting: u32,
  bias: f32,
  // JUMP: threshold ≥ 0; GATED: b_gate, b_mag, e^r_mag
  a: f32,
  b: f32,
  c: f32,
}

struct Step {
  rows: u32,
  slots: u32,
  max_rows: u32,
  kappa: f32,
  d: u32,
  slot: array<Slot, 8>,
  inverse: array<vec4<f32>, 16>,
}

@group(0) @binding(0) var<storage, read> vectors: array<f32>;
@group(0) @binding(1) var<storage, read> rows: array<u32>;
@group(0) @binding(2) var<storage, read> known: array<f32>;
@group(0) @binding(3) var<storage, read_write> residual: array<f32>;
@group(0) @binding(4) var<storage, read_write> readouts: array<f32>;
@group(0) @binding(5) var<uniform> step: Step;

var<workgroup> partial: array<f32, SUMS * LANES>;
var<workgroup> sums: array<f32, SUMS>;
var<workgroup> before: array<f32, SLOTS>;
var<workgroup> change: array<f32, SLOTS>;
var<workgroup> coefficient: array<f32, SLOTS>;
var<workgroup> is_on: u32;
var<workgroup> factor: f32;

// sums[i] = Σ over lanes of partial[i]; all lanes must call it.
fn reduce(lane: u32, count: u32) {
  workgroupBarrier();
  for (var i = lane; i < count; i += LANES) {
    var sum = 0.0;
    for (var other = 0u; other < LANES; other++) {
      sum += partial[i * LANES + other];
    }
    sums[i] = sum;
  }
  workgroupBarrier();
}

// partial: ‖x‖² first, then x · reader of each slot. Neither a private array nor a loop of fixed length:
// software adapters take seconds to compile them.
fn project(lane: u32, base: u32) {
  var squared = 0.0;
  for (var i = lane; i < step.d; i += LANES) {
    squared += residual[base + i] * residual[base + i];
  }
  partial[lane] = squared;
  for (var s = 0u; s < step.slots; s++) {
    let reader = (step.slots + s) * step.d;
    var sum = 0.0;
    for (var i = lane; i < step.d; i += LANES) {
      sum += residual[base + i] * vectors[reader + i];
    }
    partial[(1u + s) * LANES + lane] = sum;
  }
}

fn activation(s: u32, projection: f32) -> f32 {
  let h = projection + step.slot[s].bias;
  switch (step.slot[s].rule) {
    case RULE_VECTOR: {
      return projection;
    }
    case RULE_JUMP: {
      return select(0.0, h, h > step.slot[s].a);
    }
    case RULE_GATED: {
      let open = h + step.slot[s].a > 0.0;
      return select(0.0, max(step.slot[s].c * h + step.slot[s].b, 0.0), open);
    }
    case RULE_KNOWN: {
      return 0.0;
    }
    default: {
      return max(h, 0.0);
    }
  }
}

fn wanted(s: u32, f: f32, norm: f32) -> f32 {
  let slot = step.slot[s];
  let amount = slot.value * select(slot.scale, norm, slot.is_norm == 1u);
  switch (slot.mode) {
    case ADD: {
      return amount;
    }
    case SET: {
      return amount - f;
    }
    case SCALE: {
      return (slot.value - 1.0) * f;
    }
    case CAP: {
      return min(f, amount) - f;
    }
    case ABLATE: {
      return -f;
    }
    default: {
      return 0.0;
    }
  }
}

// Run by one lane, from sums: each slot's coefficient of its direction.
fn solve(at: u32) {
  let norm = sqrt(sums[0]);
  for (var s = 0u; s < step.slots; s++) {
    var f = activation(s, sums[1u + s]);
    if (step.slot[s].rule == RULE_KNOWN) {
      f = known[s * step.max_rows + at];
    }
    before[s] = f;
    change[s] = wanted(s, f, norm);
  }
  is_on = 0u;
  for (var s = 0u; s < step.slots; s++) {
    var sum = change[s];
    if (step.slot[s].is_projecting == 1u) {
      sum = 0.0;
      for (var other = 0u; other < step.slots; other++) {
        let entry = s * SLOTS + other;
        sum += step.inverse[entry / 4u][entry % 4u] * change[other];
      }
    }
    coefficient[s] = sum;
    if (sum != 0.0) {
      is_on = 1u;
    }
  }
}

fn delta(i: u32) -> f32 {
  var sum = 0.0;
  for (var s = 0u; s < step.slots; s++) {
    sum += coefficient[s] * vectors[s * step.d + i];
  }
  return sum;
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = workgroup_number(group, groups);
  if (at >= step.rows) {
    return;
  }
  let base = rows[at] * step.d;
  project(lane, base);
  reduce(lane, 1u + step.slots);
  if (lane == 0u) {
    solve(at);
  }
  workgroupBarrier();

  var squared = 0.0;
  for (var i = lane; i < step.d; i += LANES) {
    let added = delta(i);
    squared += added * added;
  }
  // The sum of squares of h must be saved before this reduction.
  let norm = sqrt(sums[0]);
  partial[lane] = squared;
  reduce(lane, 1u);
  let length = sqrt(sums[0]);
  if (lane == 0u) {
    let is_clipped = step.kappa > 0.0 && length > step.kappa * norm;
    factor = select(1.0, step.kappa * norm / length, is_clipped);
    readouts[at * READOUT] = norm;
    readouts[at * READOUT + 1u] = factor * length;
    readouts[at * READOUT + 2u] = select(0.0, 1.0, is_clipped);
  }
  workgroupBarrier();

  // Adding 0 would turn −0 into +0: with neutral slots the row must stay equal bit for bit.
  if (is_on == 1u) {
    for (var i = lane; i < step.d; i += LANES) {
      residual[base + i] = residual[base + i] + factor * delta(i);
    }
  }
  // Each lane reads only what it wrote itself.
  project(lane, base);
  reduce(lane, 1u + step.slots);
  for (var s = lane; s < step.slots; s += LANES) {
    readouts[at * READOUT + 4u + s] = before[s];
    readouts[at * READOUT + 12u + s] = activation(s, sums[1u + s]);
  }
}

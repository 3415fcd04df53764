// Gradient at the pre-activations of ReLU, Gated and JumpReLU, and its sums over rows (sae.md §5–7).
// in   preActs [rows, n4·4] (Gated: u); gateGrads: Gated's ∂L_aux/∂ReLU(π_g), the same shape; vectors
//      [V, 3, n] as dense_activate has them; norms [n]; tokensSinceFired [n] before this step; chunk
//      {rows, accumulate}; step
// out  actGrads: on entry ∂mse/∂f, on exit ∂L/∂(xc·W_enc), columns ≥ n = 0;
//      columnParts [parts, SLOTS, n4·4], sums over part_rows rows (added where chunk.accumulate ≠ 0):
//        ReLU      fired, ∂b_enc, Σ f
//        Gated     fired, ∂b_gate, ∂b_mag, ∂r_mag, Σ ReLU(π_g)
//        JumpReLU  fired, ∂b_enc, ∂θ but for the penalty on Step, Σ rect (θ > 0 only), ∂n, Σ tanh,
//                  Σ ReLU(θ − h)·n over dead latents
// One thread per part and 4 columns: neighbours read neighbours, no barrier.
// Prelude: LANES, KIND (RELU, GATED or JUMPRELU), MODE, SLOTS. Parts: dense_step, grid.

override n: u32;
override n4: u32;
override part_rows: u32;
override dead_after: u32;
override bandwidth: f32;
override tanh_scale: f32;

struct Chunk {
  rows: u32,
  accumulate: u32,
}

@group(0) @binding(0) var<storage, read> preActs: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> gateGrads: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> vectors: array<f32>;
@group(0) @binding(3) var<storage, read> norms: array<f32>;
@group(0) @binding(4) var<storage, read> tokensSinceFired: array<u32>;
@group(0) @binding(5) var<storage, read_write> actGrads: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> columnParts: array<vec4<f32>>;
@group(0) @binding(7) var<uniform> chunk: Chunk;
@group(0) @binding(8) var<uniform> step: DenseStep;

// Parameters of 4 latents. Columns ≥ n hold zeros, and the lowest pre-activation there is: they add nothing.
struct Latents {
  first: vec4<f32>,
  second: vec4<f32>,
  // Gated: e^r_mag
  third: vec4<f32>,
  norm: vec4<f32>,
  is_dead: vec4<bool>,
}

fn load_latents(quad: u32) -> Latents {
  var l = Latents();
  for (var i = 0u; i < 4u; i++) {
    let latent = quad * 4u + i;
    if (latent < n) {
      l.first[i] = vectors[latent];
      if (KIND != RELU) {
        l.second[i] = vectors[3u * n + latent];
      }
      if (KIND == GATED) {
        l.third[i] = exp(vectors[6u * n + latent]);
      }
      l.norm[i] = norms[latent];
      l.is_dead[i] = tokensSinceFired[latent] >= dead_after;
    }
  }
  return l;
}

const NOUGHT = vec4<f32>(0.0);
const ONE = vec4<f32>(1.0);
alias Sums = array<vec4<f32>, SLOTS>;

fn relu_delta(z: vec4<f32>, grad: vec4<f32>, l: Latents, sums: ptr<function, Sums>) -> vec4<f32> {
  let fires = z > NOUGHT;
  let delta = select(NOUGHT, grad + step.penalty * l.norm, fires);
  (*sums)[0] += select(NOUGHT, ONE, fires);
  (*sums)[1] += delta;
  (*sums)[2] += select(NOUGHT, z, fires);
  return delta;
}

// Slots past SLOTS are never reached for this KIND; the remainder keeps the other kinds compiling.
fn gated_delta(
  u: vec4<f32>,
  grad: vec4<f32>,
  gate_grad: vec4<f32>,
  l: Latents,
  sums: ptr<function, Sums>,
) -> vec4<f32> {
  let gate = u + l.first;
  let open = gate > NOUGHT;
  let fires = open & (l.third * u + l.second > NOUGHT);
  let gate_delta = select(NOUGHT, gate_grad + step.penalty, open);
  let delta = select(NOUGHT, grad, fires);
  (*sums)[0] += select(NOUGHT, ONE, fires);
  (*sums)[1] += gate_delta;
  (*sums)[2] += delta;
  (*sums)[3u % SLOTS] += select(NOUGHT, delta * l.third * u, fires);
  (*sums)[4u % SLOTS] += select(NOUGHT, gate, open);
  return select(NOUGHT, l.third * delta, fires) + gate_delta;
}

fn jumprelu_delta(h: vec4<f32>, grad: vec4<f32>, l: Latents, sums: ptr<function, Sums>) -> vec4<f32> {
  let threshold = max(l.second, NOUGHT);
  let fires = h > threshold;
  var act_grad = grad;
  if (MODE == TANH) {
    let f = select(NOUGHT, h, fires);
    // tanh of a large number is a quotient of infinities on some drivers.
    let t = tanh(min(tanh_scale * f * l.norm, vec4<f32>(30.0)));
    let slope = step.penalty * tanh_scale * (ONE - t * t);
    act_grad += slope * l.norm;
    (*sums)[4u % SLOTS] += slope * f;
    (*sums)[5u % SLOTS] += t;
  }
  (*sums)[0] += select(NOUGHT, ONE, fires);
  let in_window = (l.second > NOUGHT) & (abs((h - threshold) / bandwidth) < vec4<f32>(0.5));
  (*sums)[2] -= select(NOUGHT, threshold / bandwidth * act_grad, in_window);
  (*sums)[3u % SLOTS] += select(NOUGHT, ONE, in_window);
  let short_of = select(NOUGHT, l.second - h, l.is_dead & (l.second > h));
  let push = select(NOUGHT, step.preActPenalty * l.norm, short_of > NOUGHT);
  let delta = select(NOUGHT, act_grad, fires) - push;
  (*sums)[1] += delta;
  (*sums)[2] += push;
  (*sums)[4u % SLOTS] += step.preActPenalty * short_of;
  (*sums)[6u % SLOTS] += short_of * l.norm;
  return delta;
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let id = thread_number(group, groups, lane);
  let part = id / n4;
  let quad = id % n4;
  let first = part * part_rows;
  if (first >= chunk.rows) {
    return;
  }
  let l = load_latents(quad);
  var sums = Sums();
  for (var row = first; row < min(first + part_rows, chunk.rows); row++) {
    let at = row * n4 + quad;
    if (KIND == RELU) {
      actGrads[at] = relu_delta(preActs[at], actGrads[at], l, &sums);
    } else if (KIND == GATED) {
      actGrads[at] = gated_delta(preActs[at], actGrads[at], gateGrads[at], l, &sums);
    } else {
      actGrads[at] = jumprelu_delta(preActs[at], actGrads[at], l, &sums);
    }
  }
  for (var slot = 0u; slot < SLOTS; slot++) {
    let at = (part * SLOTS + slot) * n4 + quad;
    if (chunk.accumulate != 0u) {
      sums[slot] += columnParts[at];
    }
    columnParts[at] = sums[slot];
  }
}

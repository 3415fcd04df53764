// Copies listed rows of a residual stream into the activation ring, scaled, as f16.
// in   source [*, d] f32, row-major, tight; rowIndices [count] u32 (counted tokens: BOS is left out);
//      step {scale, count, first_row}
// out  ring [ring_rows, d4·4] f16, two to a u32, zero tail; row (first_row + i) mod ring_rows
// One thread per 4 values: bound by memory, nothing shared. Scalar loads, because d may be
// odd and rows then start anywhere. Prelude: LANES. Parts: grid.

override d: u32;
override ring_rows: u32;

struct Step {
  scale: f32,
  count: u32,
  first_row: u32,
}

@group(0) @binding(0) var<storage, read> source: array<f32>;
@group(0) @binding(1) var<storage, read> rowIndices: array<u32>;
@group(0) @binding(2) var<storage, read_write> ring: array<vec2<u32>>;
@group(0) @binding(3) var<uniform> step: Step;

const F16_MAX: f32 = 65504.0;

// Beyond f16's range pack2x16float is undefined: clamp, but keep NaN so that it is noticed.
fn fit(x: f32) -> f32 {
  let is_nan = (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
  return select(clamp(x, -F16_MAX, F16_MAX), x, is_nan);
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let d4 = (d + 3u) / 4u;
  let at = thread_number(group, groups, lane);
  if (at >= step.count * d4) {
    return;
  }
  let row = at / d4;
  let quad = at % d4;
  let start = rowIndices[row] * d;
  var x = vec4<f32>();
  for (var i = 0u; i < 4u; i++) {
    let col = quad * 4u + i;
    if (col < d) {
      x[i] = fit(step.scale * source[start + col]);
    }
  }
  let slot = (step.first_row + row) % ring_rows;
  ring[slot * d4 + quad] = vec2<u32>(pack2x16float(x.xy), pack2x16float(x.zw));
}

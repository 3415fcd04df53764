// Reads listed rows from the activation ring, or directly from a residual stream, and centres them.
// in   source: FROM_RING: [*, d4·4] f16, two to a u32; else [*, d] f32, tight, times step.scale;
//      rowIndices u32, read from step.first on; b_dec [d4·4], zero tail; step {scale, first, rows}
// out  xc [rows, d4·4] f32 = x − b_dec (x where centre = 0), zero tail
// One thread per 4 values: bound by memory, nothing shared.
// Prelude: LANES, FROM_RING. Parts: grid.

override d: u32;
override centre: u32;

struct Step {
  scale: f32,
  first: u32,
  rows: u32,
}

@group(0) @binding(0) var<storage, read> source: array<u32>;
@group(0) @binding(1) var<storage, read> rowIndices: array<u32>;
@group(0) @binding(2) var<storage, read> b_dec: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> xc: array<vec4<f32>>;
@group(0) @binding(4) var<uniform> step: Step;

fn load(row: u32, quad: u32, d4: u32) -> vec4<f32> {
  if (FROM_RING) {
    let at = (row * d4 + quad) * 2u;
    return vec4<f32>(unpack2x16float(source[at]), unpack2x16float(source[at + 1u]));
  }
  var x = vec4<f32>();
  for (var i = 0u; i < 4u; i++) {
    let col = quad * 4u + i;
    if (col < d) {
      x[i] = step.scale * bitcast<f32>(source[row * d + col]);
    }
  }
  return x;
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let d4 = (d + 3u) / 4u;
  let at = thread_number(group, groups, lane);
  if (at >= step.rows * d4) {
    return;
  }
  let quad = at % d4;
  var x = load(rowIndices[step.first + at / d4], quad, d4);
  if (centre != 0u) {
    x -= b_dec[quad];
  }
  xc[at] = x;
}

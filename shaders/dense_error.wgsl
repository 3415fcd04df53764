// Turns acts·W_dec into the gradient at the reconstruction: gradScale · (acts·W_dec + b_dec − x), in place.
// in   chunk {rows}; xc [rows, d4·4] = x − b_dec where centred ≠ 0 (then b_dec cancels), else x;
//      b_dec [d4·4]; step
// out  gradient [rows, d4·4]: on entry acts·W_dec
// One thread per 4 columns. Prelude: LANES. Parts: dense_step, grid.

override d4: u32;
override centred: u32;

struct Chunk {
  rows: u32,
}

@group(0) @binding(0) var<storage, read> xc: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> b_dec: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> gradient: array<vec4<f32>>;
@group(0) @binding(3) var<uniform> chunk: Chunk;
@group(0) @binding(4) var<uniform> step: DenseStep;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = thread_number(group, groups, lane);
  if (at >= chunk.rows * d4) {
    return;
  }
  var out = gradient[at] - xc[at];
  if (centred == 0u) {
    out += b_dec[at % d4];
  }
  gradient[at] = step.gradScale * out;
}

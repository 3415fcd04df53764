// Moments of listed rows, for calibration: mean and centred sum of squares of each dimension, per chunk of
// 256 rows; and each row's norm. The host merges chunks in f64.
// in   source [*, d] f32, row-major, tight; rowIndices [count] u32; step {count}
// out  moments [chunks, 2, d]: means, then Σ (x − mean)²; norms [count]
// A thread owns a dimension and walks the chunk twice: neighbours read neighbours, nothing is shared, and
// the centred sum loses no digits. The last block of the grid makes the norms, a thread per row.
// Prelude: LANES.

override d: u32;

struct Step {
  count: u32,
}

@group(0) @binding(0) var<storage, read> source: array<f32>;
@group(0) @binding(1) var<storage, read> rowIndices: array<u32>;
@group(0) @binding(2) var<storage, read_write> moments: array<f32>;
@group(0) @binding(3) var<storage, read_write> norms: array<f32>;
@group(0) @binding(4) var<uniform> step: Step;

const CHUNK: u32 = 256u;

fn column(chunk: u32, col: u32, first: u32, end: u32) {
  var sum = 0.0;
  for (var row = first; row < end; row++) {
    sum += source[rowIndices[row] * d + col];
  }
  let mean = sum / f32(end - first);
  var squares = 0.0;
  for (var row = first; row < end; row++) {
    let delta = source[rowIndices[row] * d + col] - mean;
    squares += delta * delta;
  }
  moments[chunk * 2u * d + col] = mean;
  moments[chunk * 2u * d + d + col] = squares;
}

fn norm(row: u32) {
  let start = rowIndices[row] * d;
  var squares = 0.0;
  for (var col = 0u; col < d; col++) {
    squares += source[start + col] * source[start + col];
  }
  norms[row] = sqrt(squares);
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let first = group.x * CHUNK;
  let end = min(first + CHUNK, step.count);
  if (group.y + 1u == groups.y) {
    for (var row = first + lane; row < end; row += LANES) {
      norm(row);
    }
    return;
  }
  let col = group.y * LANES + lane;
  if (col < d) {
    column(group.x, col, first, end);
  }
}

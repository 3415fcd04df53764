// Metrics of one step, as one slot that is copied out and read some steps later.
// in   rowStats [rows, row_words] = (Σ e², used slots[, Σ over levels of Σ e_ℓ²]); auxRowStats [rows] =
//      (Σ squares, used slots); dead {count, …} that this step's AuxK worked on (0, or aux_on 0: auxRowStats
//      is stale); errorVariance [1]; counters {NaNs, overflow rows, …}
// out  metrics [8]: 0 mse (f32), 1 α·mean ‖ê − e‖²/v (f32), 2 used slots, 3 rows without a positive dead
//      latent, 4 NaNs, 5 overflow rows, 6 mean over rows of the levels' squares (f32; mse where there is one
//      level); dead_update writes word 7 (dead count)
// One workgroup, sums over lanes in a fixed order.
// Prelude: LANES. Parts: lane_counts, lane_sums, trainer_step.

override rows: u32;
override aux_on: u32;
override row_words: u32;

@group(0) @binding(0) var<storage, read> rowStats: array<f32>;
@group(0) @binding(1) var<storage, read> auxRowStats: array<vec2<f32>>;
@group(0) @binding(2) var<storage, read> dead: array<u32>;
@group(0) @binding(3) var<storage, read> errorVariance: array<f32>;
@group(0) @binding(4) var<storage, read> counters: array<u32>;
@group(0) @binding(5) var<storage, read_write> metrics: array<u32>;
@group(0) @binding(6) var<uniform> step: TrainerStep;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
  let has_aux = aux_on != 0u && dead[0] > 0u;
  // Σ e², Σ (ê − e)², Σ over levels of Σ e_ℓ²
  var squares = vec4<f32>();
  var counts = vec2<u32>();
  for (var row = lane; row < rows; row += LANES) {
    let at = row * row_words;
    squares.x += rowStats[at];
    squares.z += rowStats[at + select(0u, 2u, row_words > 2u)];
    counts.x += u32(rowStats[at + 1u]);
    if (has_aux) {
      let aux_row = auxRowStats[row];
      squares.y += aux_row.x;
      counts.y += select(0u, 1u, aux_row.y == 0.0);
    }
  }
  squares = sum_lanes4(lane, squares);
  counts = count_lanes2(lane, counts).total;
  if (lane > 0u) {
    return;
  }
  var aux_loss = 0.0;
  if (has_aux && errorVariance[0] > 0.0) {
    aux_loss = 0.5 * step.auxScale * squares.y / errorVariance[0];
  }
  metrics[0] = bitcast<u32>(squares.x / f32(rows));
  metrics[1] = bitcast<u32>(aux_loss);
  metrics[2] = counts.x;
  metrics[3] = counts.y;
  metrics[4] = counters[0];
  metrics[5] = counters[1];
  metrics[6] = bitcast<u32>(squares.z / f32(rows));
}

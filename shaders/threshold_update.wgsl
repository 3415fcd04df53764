// The running inference threshold of BatchTopK: θ ← (1 − rate)·θ + rate·m, starting with the first batch that kept
// anything (where θ = m).
// in   state {…, 3 smallest kept key m, all ones if none was kept}
// out  running {θ, 1 once set}
// One thread. Prelude: LANES.

override rate: f32;

@group(0) @binding(0) var<storage, read> state: array<u32>;
@group(0) @binding(1) var<storage, read_write> running: array<f32>;

@compute @workgroup_size(LANES)
fn main() {
  if (state[3] == 0xffffffffu) {
    return;
  }
  let smallest = bitcast<f32>(state[3]);
  if (running[1] == 0.0) {
    running[0] = smallest;
    running[1] = 1.0;
  } else {
    running[0] = (1.0 - rate) * running[0] + rate * smallest;
  }
}

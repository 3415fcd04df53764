// What changes from step to step of ReLU, Gated and JumpReLU; packed by denseStep.ts.
// Defines  DenseStep
// Expects  nothing

struct DenseStep {
  // 2 / B
  gradScale: f32,
  // λ(t) / B
  penalty: f32,
  // λ_P / B
  preActPenalty: f32,
  // lr / (1 − β1^t)
  rate: f32,
  // 1 / (1 − β2^t)
  secondScale: f32,
}

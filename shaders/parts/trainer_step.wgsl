// What changes from step to step of TopK, BatchTopK and Matryoshka; packed by trainerStep.ts.
// Defines  TrainerStep
// Expects  nothing

struct TrainerStep {
  // 2 / (B · V · levels): the gradient of the reconstruction is −gradScale · e
  gradScale: f32,
  // 2 α / B
  auxScale: f32,
  // lr / (1 − β1^t)
  rate: f32,
  // 1 / (1 − β2^t)
  secondScale: f32,
}

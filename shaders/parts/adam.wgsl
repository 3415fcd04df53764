// One update of Adam (Kingma & Ba 2015, algorithm 1), its bias corrections folded into two factors.
// Defines  Adam, adam; Adam4, adam4: new moments m and v, and what to take off the parameter
// Expects  overrides beta1, beta2, eps
// rate = lr / (1 − β1^t), second_scale = 1 / (1 − β2^t).

struct Adam {
  m: f32,
  v: f32,
  change: f32,
}

fn adam(m_old: f32, v_old: f32, g: f32, rate: f32, second_scale: f32) -> Adam {
  let m = beta1 * m_old + (1.0 - beta1) * g;
  let v = beta2 * v_old + (1.0 - beta2) * g * g;
  return Adam(m, v, rate * m / (sqrt(v * second_scale) + eps));
}

struct Adam4 {
  m: vec4<f32>,
  v: vec4<f32>,
  change: vec4<f32>,
}

fn adam4(
  m_old: vec4<f32>,
  v_old: vec4<f32>,
  g: vec4<f32>,
  rate: f32,
  second_scale: f32,
) -> Adam4 {
  let m = beta1 * m_old + (1.0 - beta1) * g;
  let v = beta2 * v_old + (1.0 - beta2) * g * g;
  return Adam4(m, v, rate * m / (sqrt(v * second_scale) + eps));
}

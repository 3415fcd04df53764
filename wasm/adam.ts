// Adam and running averages over stretches of memory; counts are multiples of 4.

/** One update of `count` parameters p with moments m, v and gradient g, as parts/adam.wgsl has it.
 *  rate: lr / (1 − β1^t); secondScale: 1 / (1 − β2^t). */
export function adam(
  p: usize,
  m: usize,
  v: usize,
  g: usize,
  count: i32,
  beta1: f32,
  beta2: f32,
  eps: f32,
  rate: f32,
  secondScale: f32,
): void {
  const first = f32x4.splat(beta1);
  const firstRest = f32x4.splat(1 - beta1);
  const second = f32x4.splat(beta2);
  const secondRest = f32x4.splat(1 - beta2);
  const epsilons = f32x4.splat(eps);
  const rates = f32x4.splat(rate);
  const scales = f32x4.splat(secondScale);
  for (let at: usize = 0; at < (<usize>count) << 2; at += 16) {
    const gradient = v128.load(g + at);
    const mean = f32x4.add(f32x4.mul(first, v128.load(m + at)), f32x4.mul(firstRest, gradient));
    const square = f32x4.add(
      f32x4.mul(second, v128.load(v + at)),
      f32x4.mul(secondRest, f32x4.mul(gradient, gradient)),
    );
    v128.store(m + at, mean);
    v128.store(v + at, square);
    const size = f32x4.add(f32x4.sqrt(f32x4.mul(square, scales)), epsilons);
    const change = f32x4.div(f32x4.mul(rates, mean), size);
    v128.store(p + at, f32x4.sub(v128.load(p + at), change));
  }
}

/** averages ← averages + rate · (values − averages). */
export function average(averages: usize, values: usize, count: i32, rate: f32): void {
  const rates = f32x4.splat(rate);
  for (let at: usize = 0; at < (<usize>count) << 2; at += 16) {
    const before = v128.load(averages + at);
    const step = f32x4.mul(rates, f32x4.sub(v128.load(values + at), before));
    v128.store(averages + at, f32x4.add(before, step));
  }
}

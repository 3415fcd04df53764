// One Adam update of a vector in float64, as in every weight kernel.

export type AdamStep = {
  beta1: number;
  beta2: number;
  eps: number;
  /** lr / (1 − β1^t) */
  rate: number;
  /** 1 / (1 − β2^t) */
  secondScale: number;
};

export type AdamVector = { p: number[]; m: number[]; v: number[] };

export function adamReference(before: AdamVector, g: ArrayLike<number>, o: AdamStep): AdamVector {
  const m = before.m.map((value, i) => o.beta1 * value + (1 - o.beta1) * g[i]!);
  const v = before.v.map((value, i) => o.beta2 * value + (1 - o.beta2) * g[i]! ** 2);
  const p = before.p.map(
    (value, i) => value - (o.rate * m[i]!) / (Math.sqrt(v[i]! * o.secondScale) + o.eps),
  );
  return { p, m, v };
}

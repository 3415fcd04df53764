// The one operation that the two builds of the kernels do differently.

/** a · b + c, in one rounding where the build has fused multiply-add. */
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  if (isDefined(FUSED)) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(c, f32x4.mul(a, b));
}

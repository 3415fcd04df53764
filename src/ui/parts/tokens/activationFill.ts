// How strongly a token is coloured. Pure.

/** u = log10(1 + 9·a/ref) in [0, 1] (interface.md 6): 0 is no fill, 1 the end of the ramp. */
export function activationFill(act: number, ref: number): number {
  if (!(act > 0) || !(ref > 0)) return 0;
  return Math.min(1, Math.log10(1 + (9 * act) / ref));
}

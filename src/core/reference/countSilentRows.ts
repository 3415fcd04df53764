// Tokens on which AuxK had no positive activation.

/** Rows of a [*, cols] without any non-zero entry. */
export function countSilentRows(a: Float64Array, cols: number): number {
  let silent = 0;
  for (let base = 0; base < a.length; base += cols) {
    if (a.subarray(base, base + cols).every((act) => act === 0)) silent++;
  }
  return silent;
}

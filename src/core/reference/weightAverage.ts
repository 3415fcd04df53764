// Twin of weight_average.wgsl in f64.

/** `averages` moved towards `values` from word `first` on. */
export function weightAverageReference(
  values: ArrayLike<number>,
  averages: ArrayLike<number>,
  { first, rate }: { first: number; rate: number },
): Float64Array {
  return Float64Array.from(
    averages,
    (average, i) => average + rate * (values[first + i]! - average),
  );
}

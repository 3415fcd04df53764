/** A table for a person, unless only the last line is wanted; then the figures as JSON. bounds: what each figure is held
 *  against; word: what such a bound is called, "bar" or "goal". */
export function printFigures<F extends Record<string, number>>(
  figures: F,
  bounds: { readonly [K in keyof F]?: number },
  o: { json: boolean; word: 'bar' | 'goal' },
): void {
  if (!o.json) {
    console.table(
      Object.entries(bounds).map(([figure, bound]) => ({
        figure,
        value: figures[figure],
        [o.word]: bound,
      })),
    );
  }
  console.log(JSON.stringify(figures));
}

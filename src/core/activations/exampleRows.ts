// Which rows of a file the examples of features are, where a row's number stands for a token's id.

type RowExample = {
  readonly tokens: readonly { readonly tokenId: number }[];
  readonly peak: number;
};
type Grouped = readonly { readonly examples: readonly RowExample[] }[];

/** Row numbers, each once. details: null where statistics keep the strongest alone */
export function exampleRows(
  dashboards: readonly {
    readonly topExamples: readonly RowExample[];
    readonly details: {
      readonly randomExamples: readonly RowExample[];
      readonly intervals: Grouped;
      readonly quantiles: Grouped;
    } | null;
  }[],
): number[] {
  const examples = dashboards.flatMap(({ topExamples, details }) => [
    ...topExamples,
    ...(details?.randomExamples ?? []),
    ...[...(details?.intervals ?? []), ...(details?.quantiles ?? [])].flatMap(
      (group) => group.examples,
    ),
  ]);
  return [...new Set(examples.flatMap(({ tokens, peak }) => tokens[peak]?.tokenId ?? []))];
}

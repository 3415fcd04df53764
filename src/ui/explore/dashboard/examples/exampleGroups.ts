// The example groups of a dashboard in display order, each with a name and a statement of how it was sampled.
import type { DashboardView } from '../../../../core/share/shareState';
import type { Example, ExampleGroup, LatentDashboard } from '../../../../engine/statistics/api';
import { count, measure, percent } from '../../../parts/text/numberText';

export type ShownGroup = {
  kind: 'top' | 'random' | DashboardView['grouping'];
  title: string;
  /** how its examples were taken, and of how many */
  account: string;
  examples: readonly Example[];
  /** largest activation of the group: the reference of colours relative to the group */
  maxAct: number;
};

const QUANTILES = ['99.9–100 %', '99–99.9 %', '90–99 %', '50–90 %', '0–50 %'];

export function exampleGroups({ row, topExamples, details }: LatentDashboard): ShownGroup[] {
  const groups: ShownGroup[] = [
    {
      kind: 'top',
      title: 'Top examples',
      account: `The ${topExamples.length} highest, one per sequence; equal texts are counted.`,
      examples: topExamples,
      maxAct: row.maxAct,
    },
  ];
  if (details === null) return groups;
  const slices = (kind: DashboardView['grouping'], list: readonly ExampleGroup[]) =>
    list.map((group, i) => ({
      kind,
      title:
        kind === 'interval'
          ? `Interval ${measure(group.from)} – ${measure(group.to)}`
          : `Quantile ${QUANTILES[i] ?? ''}`,
      account: accountOf(group, row.fireCount, kind),
      examples: group.examples,
      maxAct: group.to,
    }));
  return [
    ...groups,
    ...slices('interval', details.intervals),
    ...slices('quantile', details.quantiles),
    {
      kind: 'random',
      title: 'Random examples',
      account: `${details.randomExamples.length} drawn from all ${count(row.fireCount)} firing tokens, one per sequence.`,
      examples: details.randomExamples,
      maxAct: row.maxAct,
    },
  ];
}

function accountOf(
  group: ExampleGroup,
  fireCount: number,
  kind: DashboardView['grouping'],
): string {
  const share = `${count(group.count)} of ${count(fireCount)} firing tokens (${percent(group.count / fireCount)})`;
  const width =
    kind === 'quantile' ? `, activations ${measure(group.from)} – ${measure(group.to)}` : '';
  if (group.count === 0) return `No firing token lies here${width}.`;
  const kept = group.examples.length;
  return kept < Math.min(5, group.count)
    ? `${share}${width}; only ${kept} kept here.`
    : `${share}${width}; ${kept} drawn at random.`;
}

// The part of an example that is shown. Pure.
import type { DashboardView } from '../../../../core/share/shareState';
import type { Example, ExampleToken } from '../../../../engine/statistics/api';

/** start: index of the first shown token in example.tokens. */
export function windowOf(
  example: Pick<Example, 'tokens' | 'peak'>,
  context: DashboardView['context'],
): { start: number; tokens: ExampleToken[] } {
  const reach = context === 'full' ? Infinity : Number(context);
  const start = Math.max(0, example.peak - reach);
  return { start, tokens: example.tokens.slice(start, example.peak + reach + 1) };
}

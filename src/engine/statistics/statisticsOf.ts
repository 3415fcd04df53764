// The statistics of an SAE where they are needed: their absence is told with the way out.
import { ConfigError } from '../../core/errors';
import type { SaeStatistics } from '../../core/statistics/saeStatistics';
import type { EngineHosts } from '../hosts';

/** Throws ConfigError where there are none, or where they cannot be read. */
export async function statisticsOf(
  { library }: Pick<EngineHosts, 'library'>,
  saeId: string,
): Promise<SaeStatistics> {
  const statistics = await library.statistics(saeId);
  if (statistics !== null) return statistics;
  const { statisticsDamage: damage } = await library.get(saeId);
  const why =
    damage === undefined
      ? 'This SAE has no statistics yet. Compute them first.'
      : `The stored statistics of this SAE cannot be read (${damage}). Compute them again.`;
  throw new ConfigError(why, 'statistics');
}

/** Special tokens print as their names; nanochat's ordinary text is encoded so that it never does. */
export function isSpecialText(text: string): boolean {
  return /^<\|[a-z_]+\|>$/.test(text);
}

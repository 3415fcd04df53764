// An SAE as the files that SAELens reads: what storage keeps and Download hands out.
import type { SaeParams } from '../../core/sae/sae';
import type { SaeStatistics } from '../../core/statistics/saeStatistics';
import { zipFiles } from '../../formats/archives/archive';
import type { CarriedFiles } from '../../formats/sae/parsedSae';
import { formatSaeLens } from '../../formats/sae/saelens';
import type { SaeFacts } from './api';
import { saeLensFacts } from './saeFacts';

/** Zip of cfg.json, the weights and, with statistics, how often each latent fires. */
export function packSae(
  facts: SaeFacts,
  params: SaeParams,
  o: { statistics: SaeStatistics | null; carried: CarriedFiles | null },
): Uint8Array<ArrayBuffer> {
  const { statistics, carried } = o;
  const fireRates = fireRatesOf(statistics);
  return zipFiles(formatSaeLens(params, saeLensFacts(facts, { fireRates, carried })));
}

/** [d_sae]; null without statistics */
export function fireRatesOf(statistics: SaeStatistics | null): Float32Array | null {
  return statistics === null
    ? null
    : Float32Array.from(statistics.fireCount, (n) => n / statistics.countedTokens);
}

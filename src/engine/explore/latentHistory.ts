// One latent through training, read from the snapshots of its run.
import { latentMoment, type LatentMoment, type LatentRows } from '../../core/sae/snapshots';
import type { SaeFacts } from '../sae/api';
import { checkLatentIndex } from '../sae/checkLatentIndex';
import type { SnapshotArchive } from '../sae/snapshotArchive';

/** Ascending by step; empty if the SAE was not trained on this device. Throws ConfigError for an index
 *  that it does not have. */
export async function latentHistory(
  archive: SnapshotArchive,
  { runId, d_sae, deadAfterTokens }: SaeFacts,
  latentIndex: number,
): Promise<LatentMoment[]> {
  checkLatentIndex(latentIndex, d_sae);
  if (runId === undefined) return [];
  const records = await archive.list(runId);
  const all: LatentRows[] = [];
  for (const record of records) all.push(await archive.loadRows(record, latentIndex));
  const last = all.at(-1);
  if (last === undefined) return [];
  return all.map((rows) => latentMoment(rows, last, deadAfterTokens ?? Infinity));
}

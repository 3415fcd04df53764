// The step at which each latent of an SAE came to be what it is, read from the snapshots of its run.
import { makeBirths } from '../core/latentLife';
import type { SaeFacts } from './api';
import type { SnapshotArchive } from './snapshotArchive';

/** [d_sae]; null for a latent whose direction never settled. Null instead of a list where no run of this device
 *  made the SAE, or nothing of it was saved. One snapshot is in memory at a time, beside the last. */
export async function latentBirths(
  archive: SnapshotArchive,
  { runId }: SaeFacts,
  breathe: () => Promise<void>,
): Promise<(number | null)[] | null> {
  const records = runId === undefined ? [] : await archive.list(runId);
  const newest = records.at(-1);
  if (newest === undefined) return null;
  const last = await archive.load(newest);
  const births = makeBirths(last.params);
  for (const record of records) {
    births.add(record === newest ? last : await archive.load(record));
    await breathe();
  }
  return births.steps;
}

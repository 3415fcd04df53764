// An SAE at a saved step of the run that trained it.
import { ConfigError } from '../../core/errors';
import type { SaeParams } from '../../core/sae/sae';
import type { LatentRows } from '../../core/sae/snapshots';
import type { SaeFacts } from './api';
import { checkLatentIndex } from './checkLatentIndex';
import type { SnapshotArchive, SnapshotRecord } from './snapshotArchive';

/** Ascending; none if the SAE was not trained on this device. */
export async function savedSteps(archive: SnapshotArchive, sae: SaeFacts): Promise<number[]> {
  return (await recordsOf(archive, sae)).map(({ step }) => step);
}

/** Folded, like the finished SAE. Throws ConfigError for a step that was not saved. */
export async function savedParams(
  archive: SnapshotArchive,
  sae: SaeFacts,
  step: number,
): Promise<SaeParams> {
  return (await archive.load(await recordAt(archive, sae, step))).params;
}

/** One latent at that step. Throws ConfigError for a step or a latent that does not exist. */
export async function savedRows(
  archive: SnapshotArchive,
  sae: SaeFacts,
  { step, latentIndex }: { step: number; latentIndex: number },
): Promise<LatentRows> {
  checkLatentIndex(latentIndex, sae.d_sae);
  return archive.loadRows(await recordAt(archive, sae, step), latentIndex);
}

async function recordsOf(archive: SnapshotArchive, { runId }: SaeFacts): Promise<SnapshotRecord[]> {
  return runId === undefined ? [] : archive.list(runId);
}

async function recordAt(
  archive: SnapshotArchive,
  sae: SaeFacts,
  step: number,
): Promise<SnapshotRecord> {
  const records = await recordsOf(archive, sae);
  const found = records.find((record) => record.step === step);
  if (found !== undefined) return found;
  const saved =
    records.length === 0 ? 'none is' : `saved are ${records.map((r) => r.step).join(', ')}`;
  throw new ConfigError(`Step ${step} of ${sae.name} is not saved: ${saved}.`, 'step');
}

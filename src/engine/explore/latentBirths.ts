// The step at which each latent of an SAE took its final direction, read from the snapshots of its run.
// With progress and cancel.
import { makeBirths } from '../../core/explore/latentLife';
import { makeJobSlot } from '../jobs';
import type { JobId } from '../shared/api';
import type { EngineHosts } from '../hosts';
import type { SnapshotArchive } from '../sae/snapshotArchive';

export type LatentBirthsHost = {
  /** [d_sae]; null for a latent whose direction never settled. Null instead of a list if the SAE was not
   *  trained on this device, or no step was saved. Only one snapshot is in memory at a time, besides the
   *  last. */
  read: (saeId: string, jobId?: JobId) => Promise<(number | null)[] | null>;
};

export function createLatentBirthsHost(
  hosts: Pick<EngineHosts, 'library' | 'jobs'>,
  archive: Pick<SnapshotArchive, 'list' | 'load'>,
): LatentBirthsHost {
  const slot = makeJobSlot(hosts, {
    kind: 'births',
    cancelled: 'Reading when features were born was cancelled.',
  });
  return {
    read: (saeId, jobId) =>
      slot.run(jobId, async ({ step }) => {
        const { runId } = await hosts.library.get(saeId);
        const records = runId === undefined ? [] : await archive.list(runId);
        const newest = records.at(-1);
        if (newest === undefined) return null;
        const tell = (done: number) => step('Reading saved steps', done, records.length, 'steps');
        await tell(0);
        const last = await archive.load(newest);
        const births = makeBirths(last.params);
        for (const [at, record] of records.entries()) {
          births.add(record === newest ? last : await archive.load(record));
          await tell(at + 1);
        }
        return births.steps;
      }),
  };
}

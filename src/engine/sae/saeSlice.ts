// The commands on the SAEs at hand and on what was saved of them in training.
import type { SaeBackendName } from '../../core/train/saeBackend';
import type { EngineHosts } from '../hosts';
import { outcomes } from '../problems';
import type { SaeApi } from './api';
import { directionLogits, logitHistogramOf } from './latentLogits';
import { findSaes } from './saeEntries';
import { checkSaeFits } from './saeFit';
import { savedRows, savedSteps } from './savedSae';
import type { SnapshotArchive } from './snapshotArchive';

export function makeSaeSlice(
  hosts: Pick<EngineHosts, 'device' | 'emit' | 'library' | 'modelHost'> & {
    snapshots: SnapshotArchive;
  },
): SaeApi {
  const { device, emit, library, modelHost, snapshots } = hosts;
  return {
    ...outcomes({
      savedSteps: async (saeId: string) => savedSteps(snapshots, await library.get(saeId)),
      async savedLogits(o: { saeId: string; step: number; latentIndex: number }) {
        const sae = await library.get(o.saeId);
        checkSaeFits(sae, modelHost.current().facts);
        const { step, decoder } = await savedRows(snapshots, sae, o);
        return { step, ...(await directionLogits(hosts, sae.hookPoint, decoder)) };
      },
      logitHistogram: (saeId: string, latentIndex: number) =>
        logitHistogramOf(hosts, saeId, latentIndex),
      export: library.export,
      find: findSaes,
      import: library.import,
      async setBackend(backend: SaeBackendName | null) {
        modelHost.refuseIfNeeded();
        const before = device.chooseSaeBackend(backend);
        try {
          await device.sae();
        } catch (cause) {
          device.chooseSaeBackend(before);
          throw cause;
        } finally {
          emit({ kind: 'device', device: await device.facts() });
        }
        return null;
      },
      openDemoTranscoders: library.openDemoTranscoders,
      store: library.store,
      rename: library.rename,
    }),
    list: library.list,
    delete: library.delete,
  };
}

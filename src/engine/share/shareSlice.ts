// The commands on what leaves this device.
import { zipOf } from '../../formats/archives/exportFile';
import type { EngineHosts } from '../hosts';
import { makeJobSlot } from '../jobs';
import { outcomes } from '../problems';
import type { JobId } from '../shared/api';
import type { ExportRequest, ShareApi } from './api';
import { exportSaeFiles } from './saeExport';

export function makeShareSlice(hosts: EngineHosts): ShareApi {
  const slot = makeJobSlot(hosts, {
    kind: 'export',
    cancelled: 'The export was cancelled.',
    busy: 'Another export is being written. Cancel it first.',
  });
  hosts.modelHost.onClosing(slot.end);
  return outcomes({
    exportSae: (request: ExportRequest, jobId?: JobId) =>
      slot.run(jobId, ({ step }) => zipOf(exportSaeFiles(hosts, request, step))),
  });
}

// The commands on what leaves this device.
import type { SharedContent } from '../../core/share/sharedContent';
import { zipOf } from '../../formats/archives/exportFile';
import { packFile, unpackFile, unpackPayload } from '../../formats/share/sharedPacking';
import { APP_VERSION } from '../appVersion';
import type { EngineHosts } from '../hosts';
import { makeJobSlot } from '../jobs';
import { outcomes, valueOf } from '../problems';
import type { JobId, ModelFile } from '../shared/api';
import type { StatisticsApi } from '../statistics/api';
import { checkFeatures } from './checkFeatures';
import { limitsOf, sharedContent } from './collectFeatures';
import type { ExportRequest, ShareApi } from './api';
import { fitLink } from './fitLink';
import { fetchForeign } from './foreignSource';
import { exportSaeFiles } from './saeExport';
import { asFiles, asZip, publishFolder, type PublishRequest } from './publishFolder';
import { fetchSharedFile, lookAtSource, openFolder } from './sourceHost';

const SOURCE = { kind: 'source', cancelled: 'The fetching was cancelled.' } as const;
const PUBLISH = { kind: 'publishing', cancelled: 'Publishing was cancelled.' } as const;
const CHECK = { kind: 'reproduction', cancelled: 'The check was cancelled.' } as const;

export function makeShareSlice(hosts: EngineHosts & { statistics: StatisticsApi }): ShareApi {
  const { jobs, library, statistics } = hosts;
  const slot = makeJobSlot(hosts, {
    kind: 'export',
    cancelled: 'The export was cancelled.',
    busy: 'Another export is being written. Cancel it first.',
  });
  hosts.modelHost.onClosing(slot.end);
  return outcomes({
    exportSae: (request: ExportRequest, jobId?: JobId) =>
      slot.run(jobId, ({ step }) => zipOf(exportSaeFiles(hosts, request, step))),
    async collect(o: { saeId: string; latentIndices: number[]; into: 'link' | 'file' }) {
      const facts = await library.get(o.saeId);
      const limits = limitsOf(o.into);
      const notes = valueOf(await statistics.notes(facts.saeId));
      const guesses = await statistics.labelGuesses(facts.saeId);
      const features = [];
      for (const latentIndex of o.latentIndices.slice(0, limits.features)) {
        const dashboard = valueOf(await statistics.dashboard(facts.saeId, latentIndex));
        const note = notes.find((one) => one.latentIndex === latentIndex);
        features.push({ dashboard, known: { note, guess: guesses?.[latentIndex] } });
      }
      return sharedContent(facts, features, limits);
    },
    packLink: (content: SharedContent, room: number) =>
      fitLink({ ...content, app: APP_VERSION }, room),
    packFile: async (content: SharedContent) =>
      new Blob([await packFile({ ...content, app: APP_VERSION })], { type: 'application/gzip' }),
    readLink: unpackPayload,
    readFile: ({ blob, path }: ModelFile) =>
      unpackFile(blob, path.slice(path.lastIndexOf('/') + 1)),
    lookAtSource: (url: string, jobId?: JobId) =>
      jobs.run(SOURCE, jobId, (job) => lookAtSource(hosts, url, job)),
    openFolder: (o: { url: string; saeIds: string[] }, jobId?: JobId) =>
      jobs.run(SOURCE, jobId, (job) => openFolder(hosts, o, job)),
    fetchForeign: (o: { url: string; folders: string[] }, jobId?: JobId) =>
      jobs.run(SOURCE, jobId, (job) => fetchForeign(o, job)),
    fetchFile: (url: string, jobId?: JobId) =>
      jobs.run(SOURCE, jobId, (job) => fetchSharedFile(url, job)),
    publish: ({ as, ...o }: PublishRequest & { as: 'zip' | 'files' }, jobId?: JobId) =>
      jobs.run(PUBLISH, jobId, async ({ step }) => {
        const files = await publishFolder(hosts, o, step);
        return as === 'files'
          ? asFiles(files)
          : [{ path: 'nanoscope-saes.zip', blob: asZip(files) }];
      }),
    checkFeatures: (content: SharedContent, jobId?: JobId) =>
      jobs.run(CHECK, jobId, ({ step }) => checkFeatures(hosts, content, step)),
  });
}

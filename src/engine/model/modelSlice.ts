// The commands on models: the open one, those kept, those elsewhere.
import type { EngineHosts } from '../hosts';
import { outcomes } from '../problems';
import type { JobId, ModelFile } from '../shared/api';
import type { ModelApi, ModelSource } from './api';
import type { DownloadHost } from './downloadHost';
import { createImportCheckHost } from './importCheck';
import type { ModelShelf } from './modelShelf';
import { viewToken } from './tokenView';

export function makeModelSlice(
  hosts: EngineHosts & { downloads: DownloadHost; shelf: ModelShelf },
): ModelApi {
  const { modelHost, downloads, shelf, emit } = hosts;
  const importCheck = createImportCheckHost(hosts);
  return {
    ...outcomes({
      open: async (source: ModelSource, jobId?: JobId) =>
        (await modelHost.open(source, jobId)).facts,
      inspect: async (files: ModelFile[]) =>
        (await import('../../formats/model/nanochatFolder')).inspectFolder(files),
      listRemote: downloads.list,
      setBackend: modelHost.setBackend,
      setPrecision: modelHost.setPrecision,
      setSoftcap: modelHost.setSoftcap,
      measurePrecisionLoss: async (tokens: number, jobId?: JobId) =>
        (await import('./precisionLoss')).measurePrecisionLoss(hosts, tokens, jobId),
      async deleteKept(id: string) {
        await shelf.delete(id);
        emit({ kind: 'keptModels', models: await shelf.list(), note: null });
      },
      checkImport: importCheck.check,
    }),
    deleteDownload: downloads.delete,
    holdsRows: async (files) =>
      (await import('../../formats/archives/rowsFolder')).holdsRows(files),
    rowMatrices: async (files) =>
      (await import('../../formats/archives/rowsFolder')).matricesOfDrop(files),
    rows: (rows) => Promise.resolve(modelHost.currentOrNull()?.rows?.views(rows) ?? []),
    tokenize(text) {
      const tokenizer = modelHost.currentOrNull()?.tokenizer;
      const views = tokenizer?.encodeOrdinary(text).map((id) => viewToken(tokenizer, id));
      return Promise.resolve(views ?? []);
    },
  };
}

// The commands on models: the open one, those kept, those elsewhere.
import { holdsRows } from '../../formats/archives/rowsFolder';
import { inspectFolder } from '../../formats/model/nanochatFolder';
import type { EngineHosts } from '../hosts';
import { outcomes } from '../problems';
import type { JobId } from '../shared/api';
import type { ModelApi, ModelSource } from './api';
import type { DownloadHost } from './downloadHost';
import { createImportCheckHost } from './importCheck';
import type { ModelShelf } from './modelShelf';
import { measurePrecisionLoss } from './precisionLoss';
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
      inspect: inspectFolder,
      listRemote: downloads.list,
      setBackend: modelHost.setBackend,
      setPrecision: modelHost.setPrecision,
      setSoftcap: modelHost.setSoftcap,
      measurePrecisionLoss: (tokens: number, jobId?: JobId) =>
        measurePrecisionLoss(hosts, tokens, jobId),
      async deleteKept(id: string) {
        await shelf.delete(id);
        emit({ kind: 'keptModels', models: await shelf.list(), note: null });
      },
      checkImport: importCheck.check,
    }),
    deleteDownload: downloads.delete,
    holdsRows,
    rows: (rows) => Promise.resolve(modelHost.currentOrNull()?.rows?.views(rows) ?? []),
    tokenize(text) {
      const tokenizer = modelHost.currentOrNull()?.tokenizer;
      const views = tokenizer?.encodeOrdinary(text).map((id) => viewToken(tokenizer, id));
      return Promise.resolve(views ?? []);
    },
  };
}

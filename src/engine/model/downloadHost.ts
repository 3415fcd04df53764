// Models from an address: lists them, downloads the files of the chosen one, one at a time, and keeps
// downloads between visits. The files are only examined when they are opened.
import * as v from 'valibot';
import { filesOfCandidate, listCandidates } from '../../formats/model/modelCandidates';
import type { ModelCandidate } from '../../formats/model/modelCandidates';
import { downloadedBytes, downloadFile, forgetFile, isDownloaded } from '../../storage/download';
import type { RemoteFile } from '../../storage/download';
import { recordsOfPieces } from '../../storage/pieceStore';
import { getRecord, listRecords, recordKind } from '../../storage/records';
import { listRemote } from '../../storage/remoteListing';
import type { RemoteListing } from '../../storage/remoteListing';
import { FormatError } from '../../core/errors';
import type { EngineEvent } from '../api';
import type { DownloadFacts, ModelSource, RemoteFacts, RemoteModel } from './api';
import type { EngineParts } from '../parts';
import type { Job, Jobs } from '../jobs';
import { CancelledError } from '../problems';
import type { JobId } from '../shared/api';

type UrlSource = Extract<ModelSource, { kind: 'url' }>;
/** Files that are here, or the demo's. */
export type LocalModelSource = Exclude<ModelSource, { kind: 'url' }>;

/** A chosen model with its listing, as it is stored. */
type Download = Omit<UrlSource, 'kind'> & {
  id: string;
  host: string;
  tag: string;
  files: RemoteFile[];
};

const text = v.string();
const DownloadSchema: v.GenericSchema<unknown, Download> = v.looseObject({
  id: text,
  url: text,
  host: text,
  tag: text,
  folder: text,
  step: v.nullable(v.number()),
  files: v.array(
    v.looseObject({
      path: text,
      url: text,
      size: v.nullable(v.number()),
      version: v.nullable(text),
    }),
  ),
});
/** Kept with the pieces, not with the other records. */
export const DOWNLOAD_RECORDS = recordKind({
  prefix: 'job ',
  what: 'download',
  schema: DownloadSchema,
});

export type DownloadHost = {
  list: (url: string, jobId?: JobId) => Promise<RemoteFacts>;
  /** Downloads whatever of a model is missing. Throws CancelledError where the job is cancelled,
   *  DownloadError with the way out, FormatError if a needed file is not listed. */
  fetch: (source: UrlSource, job: Job) => Promise<LocalModelSource>;
  kept: () => Promise<DownloadFacts[]>;
  delete: (id: string) => Promise<void>;
};

const CANCELLED = 'The download was cancelled. What arrived is kept.';

export function createDownloadHost(hosts: {
  parts: EngineParts;
  jobs: Jobs;
  emit: (event: EngineEvent) => void;
}): DownloadHost {
  const { parts, emit } = hosts;
  const { pieces } = parts;
  let listing: RemoteListing | null = null;
  let running: Job | null = null;

  /** The current download ends; the next may start. */
  const endOthers = (next: Job | null) => {
    running?.abort(new CancelledError(CANCELLED));
    running = next;
  };
  const stored = recordsOfPieces(pieces);
  /** those that can be read */
  const downloads = () => listRecords(stored, DOWNLOAD_RECORDS);
  const kept = async () => Promise.all((await downloads()).map((one) => describe(one, parts)));
  const tell = async () => {
    emit({ kind: 'downloads', downloads: await kept() });
  };

  /** From the last listing of this address, otherwise from an earlier visit. */
  const find = async (source: UrlSource, signal: AbortSignal): Promise<Download> => {
    const remembered = await getRecord(stored, DOWNLOAD_RECORDS, idOf(source));
    if (remembered !== null && listing?.url !== source.url) return remembered;
    if (listing?.url !== source.url) listing = await listRemote(source.url, { signal });
    const { files, host } = listing;
    const candidate = listCandidates(files).find((c) => isSame(c, source));
    if (candidate === undefined) {
      throw new FormatError(
        `${source.url}: it lists no model of step ${source.step ?? '–'} in “${source.folder}” any more; list its files again`,
      );
    }
    const { url, folder, step } = source;
    const own = neededFiles(files, candidate);
    return { id: idOf(source), url, host, folder, step, tag: candidate.tag, files: own };
  };

  return {
    kept,
    list: (url, jobId) =>
      hosts.jobs.run({ kind: 'model', cancelled: CANCELLED }, jobId, async (job) => {
        endOthers(job);
        listing = null;
        const found = await listRemote(url, { signal: job.signal });
        listing = found;
        const models = listCandidates(found.files).map((c) => describeModel(found.files, c));
        return { url: found.url, host: found.host, models };
      }),
    async fetch(source, job) {
      endOthers(job);
      try {
        const download = await find(source, job.signal);
        await pieces.set(`job ${download.id}`, download);
        const files = await downloadAll(download, parts, emit, job);
        return { kind: 'files', files, folder: download.folder, step: download.step };
      } finally {
        // From here on it is an import, which a newer listing does not end.
        if (running === job) running = null;
        await tell();
      }
    },
    async delete(id) {
      const gone = await getRecord(stored, DOWNLOAD_RECORDS, id);
      if (gone === null) return;
      endOthers(null);
      await pieces.delete([`job ${id}`]);
      // Two steps share a tokenizer, so files that another job still needs are kept.
      const others = new Set(
        (await downloads()).flatMap(({ files }) => files.map(({ url }) => url)),
      );
      for (const file of gone.files) if (!others.has(file.url)) await forgetFile(file, pieces);
      await tell();
    },
  };
}

async function downloadAll(
  download: Download,
  parts: EngineParts,
  emit: (event: EngineEvent) => void,
  { signal, tell }: Job,
) {
  const store = parts.pieces;
  const done = await Promise.all(download.files.map((file) => downloadedBytes(file, store)));
  const total = sumOf(download.files.map((file) => file.size));
  const show = () => {
    const bytes = done.reduce((sum, n) => sum + n, 0);
    tell(`Downloading from ${download.host}`, bytes, total, 'bytes');
  };
  const files: { path: string; blob: Blob }[] = [];
  for (const [i, file] of download.files.entries()) {
    const blob = await downloadFile(file, {
      store,
      signal,
      onBytes: (bytes) => {
        done[i] = bytes;
        show();
      },
      onNotice: (text) => {
        emit({ kind: 'notice', text });
      },
    });
    files.push({ path: file.path, blob });
  }
  return files;
}

async function describe(download: Download, { pieces }: EngineParts): Promise<DownloadFacts> {
  const { id, url, host, tag, folder, step, files } = download;
  const done = await Promise.all(files.map((file) => downloadedBytes(file, pieces)));
  const whole = await Promise.all(files.map((file) => isDownloaded(file, pieces)));
  return {
    id,
    url,
    host,
    tag,
    folder,
    step,
    doneBytes: done.reduce((sum, n) => sum + n, 0),
    totalBytes: sumOf(files.map((file) => file.size)),
    isWhole: whole.every(Boolean),
  };
}

function describeModel(files: readonly RemoteFile[], candidate: ModelCandidate): RemoteModel {
  try {
    const own = neededFiles(files, candidate);
    const sizes = own.map(({ path, size }) => ({ path, size }));
    const totalBytes = sumOf(own.map((file) => file.size));
    return { ...candidate, valBpb: null, files: sizes, totalBytes, problem: null };
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    return { ...candidate, valBpb: null, files: [], totalBytes: null, problem: cause.message };
  }
}

/** The files needed to open the candidate, small ones first. */
function neededFiles(files: readonly RemoteFile[], candidate: ModelCandidate): RemoteFile[] {
  const { weights, config, index, tokenizer } = filesOfCandidate(files, candidate);
  const paths = [config, ...(index === null ? [] : [index]), tokenizer ?? [], ...weights].flat();
  return paths.flatMap((path) => files.find((file) => file.path === path) ?? []);
}

function isSame(candidate: ModelCandidate, source: UrlSource): boolean {
  return candidate.folder === source.folder && candidate.step === source.step;
}

function idOf({ url, folder, step }: UrlSource): string {
  return JSON.stringify([url, folder, step]);
}

function sumOf(sizes: readonly (number | null)[]): number | null {
  return sizes.reduce((sum, size) => (sum === null || size === null ? null : sum + size), 0);
}

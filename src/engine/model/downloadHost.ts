// Models from an address: lists them, downloads the files of the chosen one, one at a time, and remembers
// downloads over visits. What the files hold is found out when they are opened.
import { filesOfCandidate, listCandidates } from '../../formats/model/modelCandidates';
import type { ModelCandidate } from '../../formats/model/modelCandidates';
import { downloadedBytes, downloadFile, forgetFile, isDownloaded } from '../../storage/download';
import type { RemoteFile } from '../../storage/download';
import { listRemote } from '../../storage/remoteListing';
import type { RemoteListing } from '../../storage/remoteListing';
import { FormatError } from '../../core/errors';
import type { EngineEvent } from '../api';
import type { DownloadFacts, ModelSource, RemoteFacts, RemoteModel } from './api';
import type { LocalModelSource } from './modelHost';
import type { EngineParts } from '../parts';
import { CancelledError } from '../problems';

type UrlSource = Extract<ModelSource, { kind: 'url' }>;

/** A chosen model with what its listing said, as it is remembered. */
type Job = Omit<UrlSource, 'kind'> & { id: string; host: string; tag: string; files: RemoteFile[] };

export type DownloadHost = {
  list: (url: string) => Promise<RemoteFacts>;
  /** Downloads whatever of a model is missing. Throws CancelledError after `cancel`, DownloadError with the
   *  way out, FormatError where a needed file is not listed. */
  fetch: (source: UrlSource) => Promise<LocalModelSource>;
  cancel: () => void;
  kept: () => Promise<DownloadFacts[]>;
  delete: (id: string) => Promise<void>;
};

export function createDownloadHost(
  parts: EngineParts,
  emit: (event: EngineEvent) => void,
): DownloadHost {
  const { pieces } = parts;
  let listing: RemoteListing | null = null;
  let running = new AbortController();

  /** What is under way ends; the next may begin. */
  const restart = () => {
    running.abort(new CancelledError('The download was cancelled. What arrived is kept.'));
    running = new AbortController();
    return running.signal;
  };
  const jobs = async () => {
    const found = await Promise.all((await pieces.keys('job ')).map((key) => pieces.get(key)));
    return found as Job[];
  };
  const kept = async () => Promise.all((await jobs()).map((job) => describe(job, parts)));
  const tell = async () => {
    emit({ kind: 'downloads', downloads: await kept() });
  };

  /** From the last listing of this address, or else from what an earlier visit remembered. */
  const findJob = async (source: UrlSource, signal: AbortSignal): Promise<Job> => {
    const remembered = (await pieces.get(`job ${idOf(source)}`)) as Job | undefined;
    if (remembered !== undefined && listing?.url !== source.url) return remembered;
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
    async list(url) {
      listing = null;
      const found = await listRemote(url, { signal: restart() });
      listing = found;
      const models = listCandidates(found.files).map((c) => describeModel(found.files, c));
      return { url: found.url, host: found.host, models };
    },
    async fetch(source) {
      const signal = restart();
      try {
        const job = await findJob(source, signal);
        await pieces.set(`job ${job.id}`, job);
        const files = await downloadAll(job, parts, emit, signal);
        return { kind: 'files', files, folder: job.folder, step: job.step };
      } finally {
        emit({ kind: 'progress', job: 'model', progress: null });
        await tell();
      }
    },
    cancel: () => {
      restart();
    },
    async delete(id) {
      const job = (await pieces.get(`job ${id}`)) as Job | undefined;
      if (job === undefined) return;
      restart();
      await pieces.delete([`job ${id}`]);
      // Two steps share a tokenizer: what another job still needs stays.
      const others = new Set((await jobs()).flatMap(({ files }) => files.map(({ url }) => url)));
      for (const file of job.files) if (!others.has(file.url)) await forgetFile(file, pieces);
      await tell();
    },
  };
}

async function downloadAll(
  job: Job,
  parts: EngineParts,
  emit: (event: EngineEvent) => void,
  signal: AbortSignal,
) {
  const store = parts.pieces;
  const done = await Promise.all(job.files.map((file) => downloadedBytes(file, store)));
  const total = sumOf(job.files.map((file) => file.size));
  const show = () => {
    const bytes = done.reduce((sum, n) => sum + n, 0);
    const phase = `Downloading from ${job.host}`;
    const progress = { job: 'model', phase, done: bytes, total, unit: 'bytes' } as const;
    emit({ kind: 'progress', job: 'model', progress });
  };
  const files: { path: string; blob: Blob }[] = [];
  for (const [i, file] of job.files.entries()) {
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

async function describe(job: Job, { pieces }: EngineParts): Promise<DownloadFacts> {
  const { id, url, host, tag, folder, step, files } = job;
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

/** What opening the candidate needs, the small files first. */
function neededFiles(files: readonly RemoteFile[], candidate: ModelCandidate): RemoteFile[] {
  const { weights, config, index, tokenizer } = filesOfCandidate(files, candidate);
  const paths = [config, ...(index === null ? [] : [index]), tokenizer, ...weights];
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

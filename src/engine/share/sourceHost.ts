// A folder or a file that somebody published: first what there is, then, asked for, the files themselves, each checked by
// its hash before anything of it is used.
import { FormatError } from '../../core/errors';
import { isSameContent } from '../../core/contentId';
import { visibleText } from '../../core/text/visibleText';
import {
  fileCalled,
  MANIFEST_FILE,
  MAX_MANIFEST,
  parseManifest,
  type FolderFile,
  type FolderManifest,
  type FolderSae,
} from '../../formats/share/folderManifest';
import { STATISTICS_FILE } from '../../formats/sae/saeFolder';
import { MAX_SHARED_FILE, unpackFile } from '../../formats/share/sharedPacking';
import { askLength, fetchCapped } from '../../storage/cappedFetch';
import { DownloadError } from '../../storage/request';
import { parseSourceAddress } from '../../storage/sourceAddress';
import { sha256Hex } from '../../storage/storage';
import type { EngineHosts } from '../hosts';
import type { Job } from '../jobs';
import type { SaeFacts } from '../sae/api';
import type { ModelFile } from '../shared/api';
import { listForeign, sizeOf } from './foreignSource';
import type { SourceFacts, SourceSae } from './api';

type Hosts = Pick<EngineHosts, 'library'>;

/** Fetches the list of a folder, or asks for the size of a file; where there is no list of ours, asks which files of an
 *  SAE there are. Nothing else. */
export async function lookAtSource(
  { library }: Hosts,
  address: string,
  { signal }: Job,
): Promise<SourceFacts> {
  const url = parseSourceAddress(address);
  const { host } = url;
  if (isFile(url)) {
    const byteLength = await askLength(url.href, { signal });
    return { kind: 'file', host, url: url.href, name: nameOf(url), byteLength };
  }
  let manifest: FolderManifest;
  try {
    ({ manifest } = await fetchManifest(url, signal));
  } catch (cause) {
    if (!(cause instanceof DownloadError || cause instanceof FormatError)) throw cause;
    const found = await listForeign(url, { signal });
    if (found.length === 0) throw cause;
    const saes = found.map(({ folder, files }) => ({ folder, byteLength: sizeOf(files) }));
    return { kind: 'foreign', host, url: url.href, saes };
  }
  const here = await library.list();
  const saes = manifest.saes.map((sae) => sourceSae(sae, here));
  return { kind: 'folder', host, url: url.href, saes };
}

export async function fetchSharedFile(address: string, { signal, tell }: Job) {
  const url = parseSourceAddress(address);
  const blob = await fetchCapped(url.href, {
    signal,
    most: MAX_SHARED_FILE,
    onBytes: (done) => tell(`Fetching from ${url.host}`, done, null, 'bytes'),
  });
  return unpackFile(blob, nameOf(url));
}

/** In the order of the folder; an SAE that is here already stays as it is. */
export async function openFolder(
  { library }: Hosts,
  { url: address, saeIds }: { url: string; saeIds: string[] },
  job: Job,
): Promise<SaeFacts[]> {
  const url = parseSourceAddress(address);
  const { manifest, list } = await fetchManifest(url, job.signal);
  const wanted = manifest.saes.filter(({ saeId }) => saeIds.includes(saeId));
  if (wanted.length === 0) {
    throw new FormatError(`${url.href}: none of these SAEs lies there any more; look at it again`);
  }
  const total = wanted.flatMap(({ files }) => files).reduce((sum, f) => sum + f.byteLength, 0);
  let before = 0;
  const fetchFile = async (file: FolderFile): Promise<ModelFile> => {
    const blob = await fetchCapped(new URL(file.path, url).href, {
      signal: job.signal,
      most: file.byteLength,
      onBytes: (done) => job.tell(`Fetching from ${url.host}`, before + done, total, 'bytes'),
    });
    before += file.byteLength;
    const hash = await sha256Hex(new Uint8Array(await blob.arrayBuffer()));
    if (hash !== file.sha256 || blob.size !== file.byteLength) {
      throw new FormatError(
        `${file.path}: its hash is not the one that ${MANIFEST_FILE} names; it was changed or damaged, so nothing of it was used`,
      );
    }
    return { path: file.path, blob };
  };
  const opened: SaeFacts[] = [];
  for (const sae of wanted) {
    // All of an SAE is here before any of it is used.
    const files: ModelFile[] = [];
    for (const file of sae.files) files.push(await fetchFile(file));
    opened.push(await library.import([...files, list]));
  }
  return opened;
}

async function fetchManifest(url: URL, signal: AbortSignal) {
  const address = new URL(MANIFEST_FILE, url).href;
  const blob = await fetchCapped(address, { signal, most: MAX_MANIFEST });
  return {
    manifest: parseManifest(await blob.text(), address),
    list: { path: MANIFEST_FILE, blob },
  };
}

/** Of a shared file; anything else is a folder, whose address ends with a slash or names its list. */
function isFile(url: URL): boolean {
  return url.pathname.endsWith('.nanoscope.gz');
}

function nameOf(url: URL): string {
  const name = url.pathname.slice(url.pathname.lastIndexOf('/') + 1);
  try {
    return visibleText(decodeURIComponent(name));
  } catch {
    // An address may hold percent signs that spell no text.
    return name;
  }
}

function sourceSae(sae: FolderSae, here: readonly SaeFacts[]): SourceSae {
  const { saeId, name, hookPoint, d_sae, architecture, k, model, files } = sae;
  const byteLength = files.reduce((sum, file) => sum + file.byteLength, 0);
  const hasStatistics = fileCalled(sae, STATISTICS_FILE) !== null;
  const isHere = findHere(sae, here) !== null;
  return {
    saeId,
    name,
    hookPoint,
    d_sae,
    architecture,
    k,
    model,
    byteLength,
    hasStatistics,
    isHere,
  };
}

function findHere({ saeId }: FolderSae, here: readonly SaeFacts[]): SaeFacts | null {
  return here.find((one) => isSameContent(one.saeId, saeId)) ?? null;
}

// SAEs of other tools at an address that a link names: in a Hugging Face repository by its listing, on any other host the
// one whose files lie in that folder. Their lists have no hashes: what the files are, whoever reads them finds out.
import { FormatError } from '../../core/errors';
import { saeFileLimit, SIDE_FILE } from '../../formats/sae/saeFolder';
import { filesBySae, type SaeFiles } from '../../formats/sae/severalSaes';
import { askLength, fetchCapped } from '../../storage/cappedFetch';
import type { RemoteFile } from '../../storage/download';
import { listHuggingFace, parseHuggingFace } from '../../storage/huggingFace';
import { DownloadError } from '../../storage/request';
import { parseSourceAddress } from '../../storage/sourceAddress';
import type { Job } from '../jobs';
import type { FoundSae } from '../sae/api';
import type { ModelFile } from '../shared/api';

type ListedFile = Pick<RemoteFile, 'path' | 'url' | 'size'>;

/** Files of one SAE in a folder of a host that lists nothing. */
const NAMES = [
  'cfg.json',
  'sae_weights.safetensors',
  'sparsity.safetensors',
  'activation_scaler.json',
  'sae.safetensors',
  SIDE_FILE,
  'ae.pt',
  'config.json',
];
const WEIGHTS = /(^|\/)(sae_weights\.safetensors|sae\.safetensors|ae\.pt)$/;
const MAX_SAES = 500;

/** The SAEs there, told apart by folders; none: nothing that is known. Throws DownloadError. */
export async function listForeign(
  url: URL,
  { signal }: Pick<Job, 'signal'>,
): Promise<SaeFiles<ListedFile>[]> {
  const repository = parseHuggingFace(url);
  const listed =
    repository === null
      ? await askEach(url, signal)
      : await listHuggingFace(repository, { signal });
  const files = listed.filter(({ path }) => saeFileLimit(path) !== null);
  if (!files.some(({ path }) => WEIGHTS.test(path))) return [];
  const isWhole = ({ files: own }: SaeFiles<ListedFile>) =>
    own.some(({ path }) => WEIGHTS.test(path));
  return filesBySae(files).filter(isWhole).slice(0, MAX_SAES);
}

/** folders: as listForeign names them. Every file is here before any SAE is given on. */
export async function fetchForeign(
  { url: address, folders }: { url: string; folders: readonly string[] },
  job: Job,
): Promise<FoundSae[]> {
  const url = parseSourceAddress(address);
  const wanted = (await listForeign(url, job)).filter(({ folder }) => folders.includes(folder));
  if (wanted.length === 0) {
    throw new FormatError(`${url.href}: none of these SAEs lies there any more; look at it again`);
  }
  const total = sizeOf(wanted.flatMap(({ files }) => files));
  let before = 0;
  const found: FoundSae[] = [];
  for (const { folder, files: listed } of wanted) {
    const files: ModelFile[] = [];
    for (const { path, url: from } of listed) {
      const blob = await fetchCapped(from, {
        signal: job.signal,
        most: saeFileLimit(path) ?? 0,
        onBytes: (done) => job.tell(`Fetching from ${url.host}`, before + done, total, 'bytes'),
      });
      before += blob.size;
      files.push({ path, blob });
    }
    const byteLength = files.reduce((sum, { blob }) => sum + blob.size, 0);
    found.push({ folder, byteLength, files });
  }
  return found;
}

/** null: a size is not known. */
export function sizeOf(files: readonly ListedFile[]): number | null {
  return files.reduce<number | null>(
    (sum, { size }) => (sum === null || size === null ? null : sum + size),
    0,
  );
}

/** Which of the known names that folder has. */
async function askEach(url: URL, signal: AbortSignal): Promise<ListedFile[]> {
  const files: ListedFile[] = [];
  for (const name of NAMES) {
    const from = new URL(name, url).href;
    try {
      files.push({ path: name, url: from, size: await askLength(from, { signal }) });
    } catch (cause) {
      // Not there, or not told of.
      if (!(cause instanceof DownloadError)) throw cause;
    }
  }
  return files;
}

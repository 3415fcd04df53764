// What a web address offers: a Hugging Face repository by its public API, a folder by its index page, or
// one model_*.pt with the files that belong to it. Only listings and headers are requested, never a file's
// content.
import { checkStatus, DownloadError, lengthOf, parseAddress, request, versionOf } from './request';
import type { RequestOptions } from './request';
import type { RemoteFile } from './download';
import { listHuggingFace, parseHuggingFace } from './huggingFace';

export type RemoteListing = {
  /** the address as interpreted */
  url: string;
  host: string;
  /** paths begin with the folder's name */
  files: RemoteFile[];
};

/** Folders inside the one that was named: ~/.cache/nanochat has three levels. */
const MAX_DEPTH = 3;
const MAX_PAGES = 40;
const MAX_FILES = 400;
/** The only files of nanochat or transformers that a model needs; no optim_*, no training text. */
const NEEDED =
  /^(model_\d{1,9}\.pt|meta_\d{1,9}\.json|tokenizer\.(pkl|json)|config\.json|[^/]+\.safetensors|model\.safetensors\.index\.json)$/;
/** folders of nanochat that hold no model and very many files */
const NO_MODELS = /^(base_data|eval_bundle|identity_|report|optim)/;

function isNeeded(path: string): boolean {
  return NEEDED.test(path.slice(path.lastIndexOf('/') + 1));
}

/** Throws DownloadError with the way out, or the signal's reason. */
export async function listRemote(address: string, o: RequestOptions): Promise<RemoteListing> {
  const url = parseAddress(address);
  const repository = parseHuggingFace(url);
  if (repository !== null) {
    const files = await listHuggingFace(repository, o);
    return { url: url.href, host: url.host, files: files.filter((file) => isNeeded(file.path)) };
  }
  url.hash = '';
  url.search = '';
  const isModel = /\/model_\d{1,9}\.pt$/.test(url.pathname);
  if (!isModel && !url.pathname.endsWith('/')) {
    // The address of another file means its folder; an address without a dot is a folder.
    const isFile = isNeeded(url.pathname);
    url.pathname = isFile ? new URL('./', url).pathname : `${url.pathname}/`;
  }
  const folder = new URL('./', url);
  const found = isModel ? [url.href, ...besides(url)] : await crawl(folder, o);
  const hasTokenizer = !isModel && found.some((file) => /\/tokenizer\.(pkl|json)$/.test(file));
  const outside = hasTokenizer ? [] : [new URL('../../tokenizer/tokenizer.pkl', folder).href];
  const optional = new Set([...(isModel ? found.slice(1) : []), ...outside]);
  const files = await measureAll([...found, ...outside], optional, folder, o);
  return { url: url.href, host: url.host, files };
}

/** What belongs to one model_*.pt, in its folder. */
function besides(model: URL): string[] {
  const meta = model.pathname.replace(/^.*\/model_(\d+)\.pt$/, 'meta_$1.json');
  return [meta, 'tokenizer.pkl', 'tokenizer.json'].map((name) => new URL(name, model).href);
}

/** Needed files of a folder and its subfolders, by the links of their index pages. */
async function crawl(folder: URL, o: RequestOptions): Promise<string[]> {
  const files = new Set<string>();
  const seen = new Set([folder.href]);
  let level = [folder];
  for (let depth = 0; depth <= MAX_DEPTH && level.length > 0; depth++) {
    const next: URL[] = [];
    for (const page of level) {
      for (const link of await linksOf(page, o)) {
        if (!link.href.startsWith(page.href) || seen.has(link.href)) continue;
        seen.add(link.href);
        const name = decodeURIComponent(link.pathname.slice(page.pathname.length));
        const isFolder = /^[^/]+\/$/.test(name);
        if (isFolder && !NO_MODELS.test(name) && seen.size < 10_000) next.push(link);
        else if (!name.includes('/') && isNeeded(name)) files.add(link.href);
      }
    }
    level = next.slice(0, MAX_PAGES);
  }
  if (files.size > 0 && files.size <= MAX_FILES) return [...files];
  throw new DownloadError(
    `${folder.host}: the page at this address links to ${files.size} files of a nanochat model, expected 1 to ${MAX_FILES}.`,
    'Use the address of a folder whose page lists its files, or of a model_*.pt itself.',
  );
}

async function linksOf(page: URL, o: RequestOptions): Promise<URL[]> {
  const response = await request(page.href, { headers: { Accept: 'text/html' } }, o);
  checkStatus(response, page.href);
  if (!(response.headers.get('Content-Type') ?? '').startsWith('text/html')) {
    await response.body?.cancel();
    throw new DownloadError(
      `${page.href}: this page does not list files.`,
      'Use the address of a folder whose page lists its files, or of a model_*.pt itself.',
    );
  }
  return parseLinks(await readPage(response, page), page);
}

/** Characters of an index page: 400 files take some 100,000. */
const MAX_PAGE = 5_000_000;
/** Characters of one tag. */
const MAX_TAG = 4096;

/** The text of a page, read up to MAX_PAGE. Throws DownloadError for a longer one. */
async function readPage(response: Response, page: URL): Promise<string> {
  const parts: string[] = [];
  let length = 0;
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) {
    parts.push(next.value);
    length += next.value.length;
    if (length <= MAX_PAGE) continue;
    await reader?.cancel();
    throw new DownloadError(
      `${page.href}: this page has more than ${MAX_PAGE} characters; a page that lists files has far fewer.`,
      'Use the address of a folder whose page lists its files, or of a model_*.pt itself.',
    );
  }
  return parts.join('');
}

/** Addresses of all links of an HTML page without query; index pages of nginx, Apache and Python write them
 *  relative. The page is neither run nor shown. */
export function parseLinks(html: string, base: URL): URL[] {
  // Each tag is read once, to its end or the next one's start: a page cannot make this slow.
  const tags = [...html.matchAll(/<a\s/gi)].map(({ index }) => html.slice(index, index + MAX_TAG));
  return tags.flatMap((tag) => {
    const end = tag.slice(1).search(/[<>]/);
    const match = HREF.exec(end < 0 ? tag : tag.slice(0, end + 1));
    if (match === null) return [];
    const href = (match[1] ?? match[2] ?? match[3] ?? '').replaceAll('&amp;', '&');
    const url = URL.parse(href, base);
    if (url === null || url.origin !== base.origin || url.search !== '') return [];
    url.hash = '';
    return [url];
  });
}

const HREF = /\shref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))/i;

/** Sizes by HEAD. Optional files that do not exist are left out. */
async function measureAll(
  urls: readonly string[],
  optional: ReadonlySet<string>,
  folder: URL,
  o: RequestOptions,
): Promise<RemoteFile[]> {
  const files: RemoteFile[] = [];
  // A browser sends six at a time anyway.
  for (let i = 0; i < urls.length; i += 6) {
    const some = urls.slice(i, i + 6).map((url) => measureOne(url, optional.has(url), folder, o));
    files.push(...(await Promise.all(some)).filter((file) => file !== null));
  }
  return files;
}

async function measureOne(
  url: string,
  isOptional: boolean,
  folder: URL,
  o: RequestOptions,
): Promise<RemoteFile | null> {
  const path = pathOf(url, folder);
  const response = await request(url, { method: 'HEAD', cache: 'no-store' }, o);
  const refusesHead = response.status === 405 || response.status === 501;
  if (refusesHead) return { path, url, size: null, version: null };
  if (!response.ok && isOptional) return null;
  checkStatus(response, path);
  return { path, url, size: lengthOf(response), version: versionOf(response) };
}

/** tag/model_1.pt, and base_checkpoints/tag/model_1.pt where nanochat's stage is in the address. */
function pathOf(url: string, folder: URL): string {
  const parts = decodeURIComponent(folder.pathname).split('/').filter(Boolean);
  const kept = /_checkpoints$/.test(parts.at(-2) ?? '') ? parts.slice(-2) : parts.slice(-1);
  const isInside = url.startsWith(folder.href);
  const rest = isInside ? url.slice(folder.href.length) : url.split('/').slice(-2).join('/');
  return [...(isInside ? kept : []), decodeURIComponent(rest)].join('/');
}

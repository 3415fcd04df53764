// A Hugging Face model repository by the Hub's public API: the tree listing and where each file lies.
import * as v from 'valibot';
import { checkStatus, DownloadError, request } from './request';
import type { RequestOptions } from './request';
import type { RemoteFile } from './download';

export type Repository = { owner: string; name: string; revision: string; path: string };

const HUB = 'https://huggingface.co';
const MAX_PAGES = 20;

const TREE = v.array(
  v.object({
    type: v.string(),
    path: v.string(),
    size: v.number(),
    oid: v.string(),
    lfs: v.nullish(v.object({ oid: v.string(), size: v.number() })),
  }),
);

/** null for an address of another host. Throws DownloadError for a Hub address that is not a model. */
export function parseHuggingFace(url: URL): Repository | null {
  if (url.hostname !== 'huggingface.co' && url.hostname !== 'hf.co') return null;
  const parts = url.pathname.split('/').filter(Boolean).map(decodeURIComponent);
  const [owner, name, kind, revision, ...rest] = parts;
  const isModel = owner !== undefined && !['datasets', 'spaces', 'api', 'docs'].includes(owner);
  if (!isModel || name === undefined) {
    throw new DownloadError(
      `${url.href} is not the address of a model repository.`,
      'Use one such as https://huggingface.co/owner/name or …/owner/name/tree/main/folder.',
    );
  }
  const isFile = kind === 'blob' || kind === 'resolve';
  if ((kind !== 'tree' && !isFile) || revision === undefined) {
    return { owner, name, revision: 'main', path: '' };
  }
  // refs/pr/1 is one revision; for a file's address its folder is used.
  const isRef = revision === 'refs' && rest.length >= 2;
  const full = isRef ? [revision, ...rest.splice(0, 2)].join('/') : revision;
  return { owner, name, revision: full, path: (isFile ? rest.slice(0, -1) : rest).join('/') };
}

/** Every file under the path; paths start with the repository's name. Throws DownloadError. */
export async function listHuggingFace(at: Repository, o: RequestOptions): Promise<RemoteFile[]> {
  const encode = (path: string) => path.split('/').map(encodeURIComponent).join('/');
  const repository = `${encodeURIComponent(at.owner)}/${encodeURIComponent(at.name)}`;
  const revision = encodeURIComponent(at.revision);
  const under = at.path === '' ? '' : `/${encode(at.path)}`;
  const files: RemoteFile[] = [];
  let next: string | null =
    `${HUB}/api/models/${repository}/tree/${revision}${under}?recursive=true`;
  for (let page = 0; next !== null && page < MAX_PAGES; page++) {
    const response: Response = await request(next, {}, o);
    checkStatus(response, `${at.owner}/${at.name}`);
    for (const entry of parseTree(await response.json())) {
      if (entry.type !== 'file') continue;
      const url = `${HUB}/${repository}/resolve/${revision}/${encode(entry.path)}`;
      const { oid, size } = entry.lfs ?? entry;
      files.push({ path: `${at.name}/${entry.path}`, url, size, version: oid });
    }
    next = nextPage(response);
  }
  return files;
}

function parseTree(json: unknown): v.InferOutput<typeof TREE> {
  const result = v.safeParse(TREE, json);
  if (result.success) return result.output;
  throw new DownloadError(
    `huggingface.co did not answer with a list of files (${result.issues[0].message}).`,
    'Download the repository yourself and drop its folder here.',
  );
}

/** The Hub lists a thousand files a page and links to the next; only its own pages are followed. */
function nextPage(response: Response): string | null {
  const link = /<([^>]+)>;\s*rel="next"/.exec(response.headers.get('Link') ?? '')?.[1];
  return link?.startsWith(`${HUB}/`) === true ? link : null;
}

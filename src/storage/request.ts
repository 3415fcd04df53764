// One request to a foreign server, with each failure as a sentence with a way out. Addresses are
// https, or http on this machine.

export class DownloadError extends Error {
  override readonly name = 'DownloadError';
  /** what to do now; null: the best advice is to check the connection */
  readonly wayOut: string | null;
  constructor(message: string, wayOut: string | null = null, options?: ErrorOptions) {
    super(message, options);
    this.wayOut = wayOut;
  }
}

type Fetch = typeof globalThis.fetch;
export type RequestOptions = {
  /** for tests; the platform's own by default */
  fetch?: Fetch;
  signal?: AbortSignal;
};

/** Throws DownloadError for an invalid address, or one that is not encrypted. */
export function parseAddress(text: string): URL {
  const typed = text.trim();
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(typed) ? typed : `https://${typed}`);
  if (url === null || typed === '') {
    throw new DownloadError(
      `“${typed.slice(0, 80)}” is not a web address.`,
      'Use one such as https://huggingface.co/owner/name or https://host/folder/.',
    );
  }
  const isLoopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback)) return url;
  throw new DownloadError(
    `${url.protocol}//${url.host} is not encrypted; only https is fetched, and http on this machine.`,
    'Use the https address of that server, or download the folder yourself and drop it here.',
  );
}

/** Any answer; throws DownloadError if there was none, and the signal's reason if it was aborted. */
export async function request(
  url: string,
  init: RequestInit,
  { fetch = globalThis.fetch, signal }: RequestOptions,
): Promise<Response> {
  try {
    // No cookies, no referrer: the server learns only which file is requested.
    const quiet: RequestInit = { credentials: 'omit', referrerPolicy: 'no-referrer' };
    return await fetch(url, { ...quiet, ...init, ...(signal === undefined ? {} : { signal }) });
  } catch (cause) {
    signal?.throwIfAborted();
    throw new DownloadError(
      `${new URL(url).host} could not be reached, or it does not let web pages read its files (CORS).`,
      'Check the address and the connection. If a new tab can open it, the server sends no Access-Control-Allow-Origin: download the folder yourself and drop it here.',
      { cause },
    );
  }
}

/** The answer if it succeeded. Throws DownloadError according to its status. */
export function checkStatus(response: Response, name: string): Response {
  if (response.ok) return response;
  const { status } = response;
  const where = `${name}: the server answered ${status}`;
  if (status === 401 || status === 403) {
    throw new DownloadError(
      `${where}: it is private, gated or cannot be listed.`,
      'Download it with your own account and drop the files here, or give the address of a model_*.pt itself.',
    );
  }
  if (status === 404 || status === 410) {
    throw new DownloadError(
      `${where}: there is nothing at this address.`,
      'Check its spelling; for a folder give the folder, for one step its model_*.pt.',
    );
  }
  throw new DownloadError(`${where}.`, 'Wait a moment, then press Download again to continue.');
}

/** What identifies the version of a file, as far as the server lets a page see it. */
export function versionOf(response: Response): string | null {
  return response.headers.get('ETag') ?? response.headers.get('Last-Modified');
}

export function lengthOf(response: Response): number | null {
  const length = Number(response.headers.get('Content-Length') ?? NaN);
  return Number.isSafeInteger(length) && length >= 0 ? length : null;
}

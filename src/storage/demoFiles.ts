// Fetches the files that ship with the page, counting bytes.
import { DownloadError } from './request';

type NamedBlob = { path: string; blob: Blob };

export type FileSource = {
  /** Fetches several files; onBytes counts over all of them; total is null while a size is unknown. */
  fetchFiles: (
    paths: readonly string[],
    onBytes: (done: number, total: number | null) => void,
  ) => Promise<NamedBlob[]>;
};

/** base: the folder's URL, ending in "/". */
export function createHttpFileSource(base: string): FileSource {
  return {
    async fetchFiles(paths, onBytes) {
      const responses = await Promise.all(paths.map((path) => open(base, path)));
      const lengths = responses.map((response) => Number(response.headers.get('Content-Length')));
      const total = lengths.every((length) => length > 0)
        ? lengths.reduce((a, b) => a + b, 0)
        : null;
      let done = 0;
      return Promise.all(
        responses.map(async (response, i) => {
          const parts: BlobPart[] = [];
          for await (const part of response.body ?? []) {
            parts.push(part);
            done += part.byteLength;
            onBytes(done, total);
          }
          return { path: paths[i] ?? '', blob: new Blob(parts) };
        }),
      );
    },
  };
}

async function open(base: string, path: string): Promise<Response> {
  const url = new URL(path, base).href;
  let response: Response;
  try {
    response = await fetch(url);
  } catch (cause) {
    throw new DownloadError(`${path} could not be fetched`, null, { cause });
  }
  if (!response.ok) throw new DownloadError(`${path}: the server answered ${response.status}`);
  return response;
}

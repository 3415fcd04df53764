// One file of a foreign server, streamed into memory up to a cap.
import { parseSourceAddress } from './sourceAddress';
import { checkStatus, DownloadError, lengthOf, request, type RequestOptions } from './request';

export type CappedFetch = RequestOptions & {
  /** bytes */
  most: number;
  onBytes?: (done: number) => void;
};

/** Its length as the server tells it without sending it; null: it does not. Throws DownloadError. */
export async function askLength(url: string, o: RequestOptions): Promise<number | null> {
  const response = checkStatus(await request(url, { method: 'HEAD' }, o), url);
  parseSourceAddress(response.url || url);
  return lengthOf(response);
}

/** Throws DownloadError: no answer, or more than `most` bytes of it; or the signal's reason. */
export async function fetchCapped(url: string, o: CappedFetch): Promise<Blob> {
  const response = checkStatus(await request(url, { cache: 'no-store' }, o), url);
  // Where a redirect led.
  parseSourceAddress(response.url || url);
  const reader = response.body?.getReader();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let done = 0;
  try {
    for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
      done += part.value.byteLength;
      if (done > o.most) {
        throw new DownloadError(
          `${url}: the server sends more than ${o.most} bytes, the most that is read of it.`,
          'Ask whoever published it for the folder as nanoscope wrote it.',
        );
      }
      parts.push(part.value);
      o.onBytes?.(done);
    }
  } catch (cause) {
    o.signal?.throwIfAborted();
    if (cause instanceof DownloadError) throw cause;
    throw new DownloadError(`${url}: the connection ended after ${done} bytes.`, null, { cause });
  } finally {
    await reader?.cancel().catch(() => undefined);
  }
  return new Blob(parts);
}

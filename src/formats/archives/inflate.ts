// Deflate and gzip of small things in memory. Inflating stops at a cap, whatever the bytes promise.
import { FormatError } from '../../core/errors';

type Packing = 'deflate-raw' | 'gzip';

export async function deflate(
  bytes: Uint8Array<ArrayBuffer>,
  packing: Packing,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream(packing));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** name: of the thing, for a sentence. Throws FormatError: it does not inflate, or to more than `most` bytes. */
export async function inflate(
  bytes: Blob,
  packing: Packing,
  { most, name }: { most: number; name: string },
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = bytes.stream().pipeThrough(new DecompressionStream(packing)).getReader();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      length += next.value.length;
      if (length > most) {
        throw new FormatError(
          `${name}: it inflates to more than ${most} bytes, the most that is read`,
        );
      }
      parts.push(next.value);
    }
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    throw new FormatError(`${name} is damaged or was cut off`, { cause });
  } finally {
    // A stream that failed refuses this too; its error is thrown above.
    await reader.cancel().catch(() => undefined);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

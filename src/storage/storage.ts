// What the engine keeps between visits: small facts and whole blobs, behind one interface with two makers
// (browser: IndexedDB through idb-keyval; memory: tests and the command line). It knows bytes, never SAEs.

export type Storage = {
  /** facts are plain JSON-like data */
  getFacts: (key: string) => Promise<unknown>;
  setFacts: (key: string, facts: unknown) => Promise<void>;
  /** Reads facts and writes what `change` makes of them in one transaction: nobody, of another tab either,
   *  writes in between. `change` has no effects and returns at once; undefined deletes the key. Throws what
   *  `change` throws, and then nothing was written. */
  updateFacts: (key: string, change: (facts: unknown) => unknown) => Promise<void>;
  /** Stores bytes under a new key that begins with `name`, never in the place of others; whole or not at all.
   *  Throws StorageFullError when the quota is spent. */
  putBlob: (name: string, bytes: Uint8Array<ArrayBuffer>) => Promise<BlobPointer>;
  /** The bytes behind a pointer; throws StorageDamageError if they are missing or changed. */
  getBlob: (pointer: BlobPointer) => Promise<Uint8Array<ArrayBuffer>>;
  delete: (key: string) => Promise<void>;
  /** keys of facts that begin with the prefix */
  keys: (prefix: string) => Promise<string[]>;
  blobKeys: () => Promise<string[]>;
};

/** Names one stored blob and its expected hash. */
export type BlobPointer = { key: string; byteLength: number; sha256: string };

export class StorageFullError extends Error {
  override readonly name = 'StorageFullError';
}
/** Something stored is missing or changed. `wayOut`: what to do now, as a sentence. */
export class StorageDamageError extends Error {
  override readonly name = 'StorageDamageError';
  readonly wayOut: string | null;
  constructor(message: string, wayOut: string | null = null, options?: ErrorOptions) {
    super(message, options);
    this.wayOut = wayOut;
  }
}

export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export async function pointTo(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<BlobPointer> {
  return { key, byteLength: bytes.byteLength, sha256: await sha256Hex(bytes) };
}

export async function checkBlob(
  pointer: BlobPointer,
  bytes: Uint8Array<ArrayBuffer> | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  if (bytes === undefined) throw new StorageDamageError(`${pointer.key}: no longer in storage`);
  if ((await sha256Hex(bytes)) !== pointer.sha256) {
    throw new StorageDamageError(`${pointer.key}: its bytes changed in storage`);
  }
  return bytes;
}

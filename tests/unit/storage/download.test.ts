// Downloads against a server on this machine that has or lacks Range, dies, changes its file or lies.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { downloadedBytes, downloadFile } from '../../../src/storage/download';
import type { DownloadOptions, RemoteFile } from '../../../src/storage/download';
import { createMemoryPieceStore } from '../../../src/storage/pieceStore';
import { DownloadError } from '../../../src/storage/request';
import { startFileServer } from '../../helpers/page/fileServer';
import type { FileServer } from '../../helpers/page/fileServer';

const BYTES = Buffer.from(Uint32Array.from({ length: 250_001 }, (_, i) => i * 2654435761).buffer);
let server: FileServer;
let content: Map<string, Buffer>;
let options: DownloadOptions & { notices: string[] };
beforeEach(async () => {
  content = new Map([['/m/model_1.pt', BYTES]]);
  server = await startFileServer(content);
  const notices: string[] = [];
  options = {
    store: createMemoryPieceStore(),
    pieceBytes: 150_000,
    notices,
    onNotice: (text) => notices.push(text),
  };
});
afterEach(() => server.close());

const file = (over: Partial<RemoteFile> = {}): RemoteFile => ({
  path: 'm/model_1.pt',
  url: `${server.url}/m/model_1.pt`,
  size: BYTES.length,
  version: '"one"',
  ...over,
});
const bytesOf = async (blob: Blob) => Buffer.from(await blob.arrayBuffer());
const refusal = (of: RemoteFile) =>
  downloadFile(of, options).then(
    () => 'downloaded',
    (error: unknown) =>
      error instanceof DownloadError ? `${error.message} ${error.wayOut ?? ''}` : String(error),
  );
const ranges = () => server.requests.map((request) => request.split(' ')[2] ?? 'whole');

describe('downloadFile', () => {
  it('fetches a file in pieces and hands it over without fetching it again', async () => {
    const seen: number[] = [];
    const blob = await downloadFile(file(), { ...options, onBytes: (done) => seen.push(done) });
    expect((await bytesOf(blob)).equals(BYTES)).toBe(true);
    expect(seen.at(-1)).toBe(BYTES.length);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect((await options.store.keys('piece ')).length).toBeGreaterThan(5);
    await downloadFile(file(), options);
    expect(ranges()).toEqual(['whole']);
  });

  it('goes on where a broken connection stopped', async () => {
    server.behaviour.dieAfter = 400_000;
    expect(await refusal(file())).toMatch(
      /connection ended after \d+ of 1000004 bytes.*continue from there/,
    );
    const kept = await downloadedBytes(file(), options.store);
    expect(kept).toBeGreaterThan(0);
    server.behaviour.dieAfter = Infinity;
    expect((await bytesOf(await downloadFile(file(), options))).equals(BYTES)).toBe(true);
    expect(ranges()).toEqual(['whole', `bytes=${kept}-`]);
    expect(options.notices).toEqual([]);
  });

  it('stops at a cancel, though the server sends nothing more, and keeps what arrived', async () => {
    const sent = 4 * 64 * 1024;
    server.behaviour.holdAfter = sent;
    const cancel = new AbortController();
    const reason = new Error('the user');
    const onBytes = (done: number) => {
      if (done === sent) setImmediate(() => cancel.abort(reason));
    };
    const download = downloadFile(file(), { ...options, signal: cancel.signal, onBytes });
    await expect(download).rejects.toBe(reason);
    const kept = await downloadedBytes(file(), options.store);
    expect(kept).toBe(sent);
    server.behaviour.holdAfter = Infinity;
    expect((await bytesOf(await downloadFile(file(), options))).equals(BYTES)).toBe(true);
    expect(ranges()[1]).toBe(`bytes=${kept}-`);
  });

  it('starts again with a notice where the server has no Range', async () => {
    Object.assign(server.behaviour, { hasRange: false, dieAfter: 400_000 });
    await refusal(file());
    server.behaviour.dieAfter = Infinity;
    expect((await bytesOf(await downloadFile(file(), options))).equals(BYTES)).toBe(true);
    expect(options.notices).toEqual([expect.stringContaining('no Range')]);
  });

  it('notices a changed file by its ETag, in the answer or in a new listing', async () => {
    server.behaviour.dieAfter = 400_000;
    await refusal(file());
    const other = Buffer.from(BYTES).reverse();
    content.set('/m/model_1.pt', other);
    Object.assign(server.behaviour, { etag: '"two"', dieAfter: 300_000 });
    await refusal(file());
    expect(options.notices).toEqual([expect.stringContaining('changed on the server')]);
    server.behaviour.dieAfter = Infinity;
    const blob = await downloadFile(file({ version: '"two"' }), options);
    expect((await bytesOf(blob)).equals(other)).toBe(true);
    expect(options.notices).toHaveLength(2);
  });

  it('notices a changed length where no version is told', async () => {
    const untold = file({ version: null, size: null });
    Object.assign(server.behaviour, { etag: null, dieAfter: 400_000 });
    await refusal(untold);
    content.set('/m/model_1.pt', BYTES.subarray(0, 900_000));
    server.behaviour.dieAfter = Infinity;
    const blob = await downloadFile(untold, options);
    expect((await bytesOf(blob)).equals(BYTES.subarray(0, 900_000))).toBe(true);
    expect(options.notices).toHaveLength(1);
  });

  it('fetches again what storage lost', async () => {
    await downloadFile(file(), options);
    const lost = (await options.store.keys('piece '))[3]!;
    await options.store.delete([lost]);
    expect((await bytesOf(await downloadFile(file(), options))).equals(BYTES)).toBe(true);
    expect(ranges()[1]).toBe(`bytes=${lost.split(' ').at(-1)}-`);
  });

  it('says what is wrong: another length, nothing there, nobody there', async () => {
    expect(await refusal(file({ size: 999 }))).toContain(
      'sends 1000004 bytes, but the listing says 999',
    );
    server.behaviour.lie = 1000;
    expect(await refusal(file({ size: null }))).toMatch(
      /connection ended after 1000004 of 1001004/,
    );
    expect(await refusal(file({ url: `${server.url}/gone.pt` }))).toMatch(/answered 404.*Check/);
    expect(await refusal(file({ url: 'http://127.0.0.1:1/x' }))).toMatch(
      /could not be reached.*CORS/,
    );
  });
});

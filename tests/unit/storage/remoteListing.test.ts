// What addresses mean, what is asked of a server before anybody consents, and how listings are read.
import { afterEach, describe, expect, it } from 'vitest';
import { parseHuggingFace } from '../../../src/storage/huggingFace';
import { listRemote, parseLinks } from '../../../src/storage/remoteListing';
import { DownloadError, parseAddress } from '../../../src/storage/request';
import { startFileServer } from '../../helpers/page/fileServer';
import type { FileServer } from '../../helpers/page/fileServer';

let server: FileServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});
const serve = async (paths: readonly string[]) => {
  const files = paths.map((path) => [path, Buffer.from(`content of ${path}`)] as const);
  server = await startFileServer(new Map(files));
  return server;
};
const refusal = (url: string, fetch?: typeof globalThis.fetch) =>
  listRemote(url, fetch === undefined ? {} : { fetch }).then(
    () => 'listed',
    (error: unknown) =>
      error instanceof DownloadError ? `${error.message} ${error.wayOut ?? ''}` : String(error),
  );

const CACHE = [
  '/nanochat/base_checkpoints/d4/model_000900.pt',
  '/nanochat/base_checkpoints/d4/meta_000900.json',
  '/nanochat/base_checkpoints/d4/optim_000900_rank0.pt',
  '/nanochat/base_data/shard_00000.parquet',
  '/nanochat/tokenizer/tokenizer.pkl',
  '/nanochat/report/report.md',
];

describe('listRemote', () => {
  it('walks the index pages of a whole ~/.cache/nanochat, with sizes and no content', async () => {
    const { url, requests } = await serve(CACHE);
    const { files, host } = await listRemote(`${url}/nanochat`, {});
    expect(host).toBe(url.slice('http://'.length));
    expect(files.map(({ path, size }) => [path, size])).toEqual([
      ['nanochat/tokenizer/tokenizer.pkl', 44],
      ['nanochat/base_checkpoints/d4/model_000900.pt', 56],
      ['nanochat/base_checkpoints/d4/meta_000900.json', 57],
    ]);
    const got = requests.filter((request) => request.startsWith('GET'));
    expect(got.every((request) => request.endsWith('/'))).toBe(true);
    expect(requests.join()).not.toMatch(/optim|base_data|report/);
  });

  it('finds the tokenizer of a run or of one model two folders up', async () => {
    const { url } = await serve(CACHE);
    const paths = [
      'base_checkpoints/d4/model_000900.pt',
      'base_checkpoints/d4/meta_000900.json',
      'tokenizer/tokenizer.pkl',
    ];
    const run = await listRemote(`${url}/nanochat/base_checkpoints/d4/`, {});
    expect(run.files.map((file) => file.path)).toEqual(paths);
    const one = await listRemote(`${url}${CACHE[0]!}`, {});
    expect(one.files.map((file) => file.path)).toEqual(paths);
  });

  it('reads a repository of the Hub, page by page, and takes its hashes as versions', async () => {
    const asked: string[] = [];
    const page = (entries: object[], next?: string) =>
      new Response(JSON.stringify(entries), {
        headers: next === undefined ? {} : { Link: `<${next}>; rel="next"` },
      });
    const lfs = { oid: 'sha', size: 5_000, pointerSize: 130 };
    const second = 'https://huggingface.co/api/models/own/er?cursor=2';
    const fetch = ((url: string) => {
      asked.push(url);
      return Promise.resolve(
        url === second
          ? page([{ type: 'file', path: 'sub/tokenizer.json', size: 7, oid: 'b' }])
          : page(
              [
                { type: 'directory', path: 'sub', size: 0, oid: 'd' },
                { type: 'file', path: 'sub/model.safetensors', size: 130, oid: 'a', lfs },
                { type: 'file', path: 'README.md', size: 7, oid: 'c' },
              ],
              second,
            ),
      );
    }) as typeof globalThis.fetch;
    const { files } = await listRemote('huggingface.co/own/er/tree/refs/pr/1/sub', { fetch });
    expect(asked[0]).toBe(
      'https://huggingface.co/api/models/own/er/tree/refs%2Fpr%2F1/sub?recursive=true',
    );
    expect(files).toEqual([
      {
        path: 'er/sub/model.safetensors',
        size: 5_000,
        version: 'sha',
        url: 'https://huggingface.co/own/er/resolve/refs%2Fpr%2F1/sub/model.safetensors',
      },
      {
        path: 'er/sub/tokenizer.json',
        size: 7,
        version: 'b',
        url: 'https://huggingface.co/own/er/resolve/refs%2Fpr%2F1/sub/tokenizer.json',
      },
    ]);
  });

  it('says what is wrong with an address', async () => {
    const { url } = await serve(['/empty/readme.txt', '/page.bin']);
    expect(await refusal('http://example.org/x')).toMatch(/not encrypted.*https/);
    expect(await refusal('ftp://example.org/x')).toContain('only https');
    expect(await refusal('')).toContain('is not a web address');
    expect(await refusal(`${url}/none/`)).toMatch(/answered 404.*spelling/);
    expect(await refusal(`${url}/empty/`)).toContain('links to 0 files');
    expect(await refusal('https://huggingface.co/datasets/a/b')).toContain(
      'not the address of a model repository',
    );
    const denied = (() => Promise.resolve(new Response('', { status: 401 }))) as typeof fetch;
    expect(await refusal('https://huggingface.co/a/b', denied)).toMatch(/private.*drop the files/);
  });
});

it('understands addresses of this machine and of the Hub', () => {
  expect(parseAddress(' localhost:8000/x ').href).toBe('https://localhost:8000/x');
  expect(parseAddress('http://[::1]:8000/').host).toBe('[::1]:8000');
  expect(() => parseAddress('http://127.0.0.1.evil.org/')).toThrow('not encrypted');
  const at = (url: string) => parseHuggingFace(new URL(url));
  const own = { owner: 'o', name: 'n', revision: 'main', path: '' };
  expect(at('https://huggingface.co/o/n')).toEqual(own);
  expect(at('https://hf.co/o/n/blob/v1/a/model_1.pt')).toEqual({
    ...own,
    revision: 'v1',
    path: 'a',
  });
  expect(at('https://example.org/o/n')).toBeNull();
});

it('reads links of nginx, Apache and Python pages, and follows none off the server', () => {
  const base = new URL('http://127.0.0.1/f/');
  const html = `<a href="model_1.pt">a</a> <A class=x HREF='b%20c/'>b</A> <a href=meta_1.json>c</a>
    <a href="?C=N;O=D">Name</a> <a href="https://else.org/model_2.pt">d</a> <a href="/f/e.pt#x">e</a>`;
  expect(parseLinks(html, base).map((url) => url.pathname)).toEqual([
    '/f/model_1.pt',
    '/f/b%20c/',
    '/f/meta_1.json',
    '/f/e.pt',
  ]);
});

it('finds links in a hostile page in one pass (7.31)', () => {
  const base = new URL('https://host.example/folder/');
  // Each tag begins a search for its end: 400,000 of them without one took minutes.
  expect(parseLinks('<a '.repeat(400_000), base)).toEqual([]);
  expect(parseLinks(`<a ${'x '.repeat(500_000)}href="late">`, base)).toEqual([]);
});

it('reads no page without end (7.31)', async () => {
  let sent = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 1 << 20;
      controller.enqueue(new Uint8Array(1 << 20).fill(32));
    },
  });
  const fetch = () =>
    Promise.resolve(new Response(endless, { headers: { 'Content-Type': 'text/html' } }));
  expect(await refusal('https://host.example/folder/', fetch)).toContain('more than 5000000');
  expect(sent).toBeLessThan(16_000_000);
});

// SAEs of other tools at a link's address: found without a list of ours, fetched after a yes, and read as dropped ones are.
import { readFile } from 'node:fs/promises';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { createEngine } from '../../../../src/engine/createEngine';
import type { Outcome } from '../../../../src/engine/shared/api';
import { makeNodeParts } from '../../../helpers/engine/nodeParts';

const PEERS = 'tests/fixtures/saes';
const NAMES = ['cfg.json', 'sae_weights.safetensors'];
let files: [string, Buffer][];

beforeAll(async () => {
  files = await Promise.all(
    NAMES.map(async (name): Promise<[string, Buffer]> => [
      name,
      await readFile(`${PEERS}/saelens-topk/${name}`),
    ]),
  );
});
afterEach(() => {
  vi.unstubAllGlobals();
});

async function must<T>(outcome: Promise<Outcome<T>>): Promise<T> {
  const got = await outcome;
  if (!got.ok) throw new Error(got.problem.what);
  return got.value;
}

/** A host of these answers, by address. */
function serve(answers: ReadonlyMap<string, Buffer | string>): string[] {
  const asked: string[] = [];
  vi.stubGlobal('fetch', (address: string, init?: RequestInit) => {
    asked.push(`${init?.method ?? 'GET'} ${address}`);
    const found = answers.get(address);
    if (found === undefined) return Promise.resolve(new Response(null, { status: 404 }));
    const body = typeof found === 'string' ? found : new Uint8Array(found);
    const headers = { 'Content-Length': String(found.length) };
    return Promise.resolve(new Response(init?.method === 'HEAD' ? null : body, { headers }));
  });
  return asked;
}

it('opens the folder of an SAE on a host that lists nothing', async () => {
  const url = 'https://saes.example.org/layer_1/';
  const asked = serve(new Map(files.map(([name, bytes]) => [url + name, bytes])));
  const engine = createEngine(makeNodeParts());
  const found = await must(engine.share.lookAtSource(url));
  const byteLength = files.reduce((sum, [, bytes]) => sum + bytes.length, 0);
  expect(found).toMatchObject({ kind: 'foreign', saes: [{ folder: '', byteLength }] });
  // Nothing but a list that is not there, and lengths.
  expect(asked.filter((one) => one.startsWith('GET'))).toEqual([`GET ${url}nanoscope.json`]);
  const [fetched] = await must(engine.share.fetchForeign({ url, folders: [''] }));
  expect(await must(engine.sae.import(fetched!.files))).toMatchObject({
    d_sae: 20,
    hookPoint: 'blocks.1.hook_resid_post',
    origin: 'imported',
  });
});

it('lists the SAEs of a Hugging Face repository, and fetches the chosen one', async () => {
  const at = 'https://huggingface.co/me/saes';
  const entries = ['a', 'b'].flatMap((folder) =>
    files.map(([name, { length: size }]) => ({
      type: 'file',
      path: `${folder}/${name}`,
      size,
      oid: 'x',
    })),
  );
  const more = { type: 'file', path: 'optimizer.pt', size: 9, oid: 'x' };
  const asked = serve(
    new Map<string, Buffer | string>([
      [
        'https://huggingface.co/api/models/me/saes/tree/main?recursive=true',
        JSON.stringify([...entries, more]),
      ],
      ...files.map(([name, bytes]): [string, Buffer] => [`${at}/resolve/main/b/${name}`, bytes]),
    ]),
  );
  const engine = createEngine(makeNodeParts());
  const found = await must(engine.share.lookAtSource(at));
  expect(found).toMatchObject({
    kind: 'foreign',
    saes: [{ folder: 'saes/a' }, { folder: 'saes/b' }],
  });
  const fetched = await must(engine.share.fetchForeign({ url: at, folders: ['saes/b'] }));
  expect(fetched.map(({ folder }) => folder)).toEqual(['saes/b']);
  expect(asked.some((one) => one.includes('/a/'))).toBe(false);
  expect(await must(engine.sae.import(fetched[0]!.files))).toMatchObject({ d_sae: 20 });
});

it('says what was looked for where there is nothing', async () => {
  serve(new Map());
  const nothing = await createEngine(makeNodeParts()).share.lookAtSource('https://example.org/x/');
  expect(nothing).toMatchObject({
    ok: false,
    problem: { kind: 'network', what: expect.stringContaining('nanoscope.json') as string },
  });
});

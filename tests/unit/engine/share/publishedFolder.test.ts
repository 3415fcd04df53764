// A folder of SAEs, published by one engine and opened by another: everything comes over, hashes are checked before
// anything is used, and what a host sends beyond that is refused.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { EngineApi } from '../../../../src/engine/api';
import { createHostedEngine } from '../../../../src/engine/createEngine';
import type { Outcome } from '../../../../src/engine/shared/api';
import { sha256Hex } from '../../../../src/storage/storage';
import { parseManifest } from '../../../../src/formats/share/folderManifest';
import { createShortDemo, DEMO_FOLDER, makeNodeParts } from '../../../helpers/engine/nodeParts';

const HOST = 'https://published.example.org/saes/';

const makeEngine = () => makeHosted().engine;
const makeHosted = () =>
  createHostedEngine(
    makeNodeParts({
      demo: createShortDemo(40),
      openDevice: () => Promise.resolve({ ok: false, reason: 'no-webgpu', message: 'none' }),
    }),
  );

/** An engine, and what it said last. */
async function listening() {
  const { engine, hosts } = makeHosted();
  const texts: string[] = [];
  await engine.subscribe((events) => {
    for (const event of events) if (event.kind === 'notice') texts.push(event.text);
  });
  return { engine, library: hosts.library, said: () => texts.at(-1) };
}

async function must<T>(outcome: Promise<Outcome<T>>): Promise<T> {
  const got = await outcome;
  if (!got.ok) throw new Error(got.problem.what);
  return got.value;
}

/** Two SAEs of one hook point, and what somebody knows of the first. */
async function publish() {
  const engine = makeEngine();
  await must(engine.model.open({ kind: 'demo' }));
  const cfg = await readFile(join(DEMO_FOLDER, 'sae/cfg.json'), 'utf8');
  const weights = await readFile(join(DEMO_FOLDER, 'sae/sae_weights.safetensors'));
  const ids: string[] = [];
  for (const [name, k] of [
    ['mine', 32],
    ['other', 16],
  ] as const) {
    const own = cfg
      .replace(/blocks\.\d\.hook_resid_post/, 'blocks.1.hook_resid_post')
      .replace(/"k": \d+/, `"k": ${k}`);
    const { saeId } = await must(
      engine.sae.import([
        { path: 'cfg.json', blob: new Blob([own]) },
        { path: 'sae_weights.safetensors', blob: new Blob([weights]) },
      ]),
    );
    await must(engine.sae.rename(saeId, name));
    ids.push(saeId);
  }
  const [first = ''] = ids;
  await must(engine.statistics.compute(first, 200));
  await must(engine.statistics.guessLabels(first, 200));
  const note = { latentIndex: 7, label: '<b>mine</b>', note: 'why', tags: ['t'], isStarred: true };
  await must(engine.statistics.setNote(first, note));
  const files = await must(engine.share.publish({ saeIds: ids, withText: true, as: 'files' }));
  return { ids, engine, files: new Map(files.map(({ path, blob }) => [path, blob])) };
}

function serve(files: ReadonlyMap<string, Blob>): string[] {
  const asked: string[] = [];
  vi.stubGlobal('fetch', (address: string) => {
    const path = address.slice(HOST.length);
    asked.push(path);
    const blob = address.startsWith(HOST) ? files.get(path) : undefined;
    return Promise.resolve(new Response(blob ?? null, { status: blob === undefined ? 404 : 200 }));
  });
  return asked;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('a published folder', () => {
  let published: Awaited<ReturnType<typeof publish>>;
  beforeAll(async () => {
    published = await publish();
  });
  const open = (engine: EngineApi) => engine.share.openFolder({ url: HOST, saeIds: published.ids });

  it('has a folder per SAE as SAELens reads it, named by its hook point, and a list with hashes', async () => {
    const paths = [...published.files.keys()];
    expect(paths).toEqual(
      expect.arrayContaining([
        'nanoscope.json',
        'README.md',
        'blocks.1.hook_resid_post/cfg.json',
        'blocks.1.hook_resid_post/sae_weights.safetensors',
        'blocks.1.hook_resid_post/statistics.bin',
        'blocks.1.hook_resid_post/notes.json',
        'blocks.1.hook_resid_post_2/cfg.json',
      ]),
    );
    const text = await published.files.get('nanoscope.json')!.text();
    const { saes } = parseManifest(text, 'nanoscope.json');
    expect(saes.map(({ name }) => name)).toEqual(['mine', 'other']);
    expect(saes.flatMap(({ files }) => files.map(({ path }) => path)).sort()).toEqual(
      paths.filter((path) => path.includes('/')).sort(),
    );
    expect(await published.files.get('README.md')!.text()).toContain(
      '`blocks.1.hook_resid_post_2`',
    );
  });

  it('is looked at first, then comes over whole', async () => {
    const engine = makeEngine();
    const asked = serve(published.files);
    const found = await must(engine.share.lookAtSource(HOST));
    expect(asked).toEqual(['nanoscope.json']);
    expect(found).toMatchObject({
      kind: 'folder',
      host: 'published.example.org',
      saes: [
        { name: 'mine', hasStatistics: true, isHere: false },
        { name: 'other', hasStatistics: false, isHere: false },
      ],
    });
    const opened = await must(open(engine));
    expect(opened.map(({ saeId }) => saeId.split('~')[1])).toEqual(
      published.ids.map((saeId) => saeId.split('~')[1]),
    );
    expect(opened.map(({ name }) => name)).toEqual(['mine', 'other']);
    const [first] = opened;
    expect(first!.statisticsTokens).toBeGreaterThanOrEqual(200);
    const notes = await must(engine.statistics.notes(first!.saeId));
    expect(notes).toMatchObject([{ latentIndex: 7, label: '<b>mine</b>', isStarred: true }]);
    const again = await must(engine.share.lookAtSource(HOST));
    expect(again).toMatchObject({ saes: [{ isHere: true }, { isHere: true }] });
  });

  it('is refused where a byte was changed, before any of that SAE is used', async () => {
    const files = new Map(published.files);
    const path = 'blocks.1.hook_resid_post/notes.json';
    files.set(path, new Blob([(await files.get(path)!.text()).replace('mine', 'evil')]));
    serve(files);
    const engine = makeEngine();
    const before = (await engine.sae.list()).length;
    expect(await open(engine)).toMatchObject({
      ok: false,
      problem: {
        kind: 'file',
        what: expect.stringMatching(/notes\.json: its hash is not/) as string,
      },
    });
    expect(await engine.sae.list()).toHaveLength(before);
  });

  it('stops reading a file that is longer than said', async () => {
    const files = new Map(published.files);
    const path = 'blocks.1.hook_resid_post/cfg.json';
    files.set(path, new Blob([files.get(path)!, 'x'.repeat(100_000)]));
    serve(files);
    expect(await open(makeEngine())).toMatchObject({
      ok: false,
      problem: {
        kind: 'network',
        what: expect.stringMatching(/sends more than \d+ bytes/) as string,
      },
    });
  });

  it.each([
    '../../secret/cfg.json',
    '/cfg.json',
    'https://evil.example/cfg.json',
    'a/../cfg.json',
    'a/run.js',
  ])('has no file %s', async (path) => {
    const text = await published.files.get('nanoscope.json')!.text();
    const spoilt = text.replace('blocks.1.hook_resid_post/cfg.json', path);
    serve(new Map([...published.files, ['nanoscope.json', new Blob([spoilt])]]));
    expect(await makeEngine().share.lookAtSource(HOST)).toMatchObject({
      ok: false,
      problem: { what: expect.stringMatching(/not what nanoscope writes/) as string },
    });
  });

  it('asks nobody where the address is none of a public host', async () => {
    const asked = serve(published.files);
    for (const url of ['http://127.0.0.1/', 'javascript:alert(1)', 'https://192.168.0.1/']) {
      expect(await makeEngine().share.lookAtSource(url)).toMatchObject({ ok: false });
    }
    expect(asked).toEqual([]);
  });

  it('brings what is known of its features along when its zip is dropped, and says so', async () => {
    const { engine: publisher, ids } = published;
    const [zip] = await must(publisher.share.publish({ saeIds: ids, withText: true, as: 'zip' }));
    const { engine, library, said } = await listening();
    const found = await must(engine.sae.find([zip!]));
    expect(found).toHaveLength(2);
    const [first] = found;
    const sae = await must(engine.sae.import(first!.files));
    expect(sae).toMatchObject({ name: 'mine', hasSharedStatistics: true });
    expect(sae.statisticsTokens).toBeGreaterThanOrEqual(200);
    expect(await must(engine.statistics.notes(sae.saeId))).toMatchObject([
      { label: '<b>mine</b>' },
    ]);
    const guesses = await publisher.statistics.labelGuesses(ids[0]!);
    expect(await engine.statistics.labelGuesses(sae.saeId)).toEqual(guesses);
    const named = guesses!.filter(({ text }) => text !== null).length;
    expect(said()).toBe(
      `With mine came, as shared: statistics of ${sae.statisticsTokens} tokens, 1 note, ${named} guessed names.`,
    );

    // What somebody has of it already stays as it is.
    const own = { latentIndex: 7, label: 'own', note: '', tags: [], isStarred: false };
    await must(engine.statistics.setNote(sae.saeId, own));
    await must(engine.sae.import(first!.files));
    expect(await must(engine.statistics.notes(sae.saeId))).toEqual([own]);
    expect(said()).toMatch(/here already: .* Your own notes stayed as they are\./);

    // Counted here, they are nobody else's any more.
    const counted = await library.statistics(sae.saeId);
    const corpus = { name: 'mine', isDemo: false };
    const again = await library.setStatistics(sae.saeId, counted!, corpus);
    expect(again.hasSharedStatistics).toBeUndefined();
  });

  it.each([
    ['is not in a list', 'nanoscope.json', () => new Blob(['{}']), /no nanoscope\.json beside it/],
    [
      'was counted on another SAE',
      'blocks.1.hook_resid_post/statistics.bin',
      async (files: Map<string, Blob>) => {
        const bytes = new Uint8Array(
          await files.get('blocks.1.hook_resid_post/statistics.bin')!.arrayBuffer(),
        );
        return new Blob([bytes.with(bytes.length - 1, 1)]);
      },
      /statistics\.bin was left out: its hash is not the one/,
    ],
  ] as const)('leaves out what %s', async (_, path, change, sentence) => {
    const files = new Map(published.files);
    files.set(path, await change(files));
    const { engine, said } = await listening();
    const drop = [...files].map(([name, blob]) => ({ path: `dropped/${name}`, blob }));
    const [first] = await must(engine.sae.find(drop));
    const sae = await must(engine.sae.import(first!.files));
    expect(sae).toMatchObject({ d_sae: 2048, statisticsTokens: 0 });
    expect(said()).toMatch(sentence);
  });

  it.each([
    ['%3Cimg%20src%3Dx%3E%E2%80%AE.nanoscope.gz', '<img src=x>⟨U+202E⟩.nanoscope.gz'],
    ['%E0%A4%A.nanoscope.gz', '%E0%A4%A.nanoscope.gz'],
  ])('names a file %s as what it is', async (path, name) => {
    serve(new Map([[path, new Blob(['x'])]]));
    const found = await must(makeEngine().share.lookAtSource(HOST + path));
    expect(found).toMatchObject({ kind: 'file', name });
  });

  it('takes notes and guesses that are none for none, and no prototype from them', async () => {
    const files = new Map(published.files);
    const folder = 'blocks.1.hook_resid_post';
    const spoilt =
      '[{"__proto__":{"isHacked":1},"latentIndex":1e999,"label":{}},7,null,{"constructor":{}}]';
    const list = parseManifest(await files.get('nanoscope.json')!.text(), 'nanoscope.json');
    for (const name of ['notes.json', 'guesses.json', 'statistics.bin']) {
      const bytes = new TextEncoder().encode(spoilt);
      files.set(`${folder}/${name}`, new Blob([bytes]));
      const listed = list.saes[0]!.files.find(({ path }) => path === `${folder}/${name}`);
      Object.assign(listed!, { byteLength: bytes.length, sha256: await sha256Hex(bytes) });
    }
    files.set('nanoscope.json', new Blob([JSON.stringify(list)]));
    const { engine, said } = await listening();
    const drop = [...files].map(([path, blob]) => ({ path, blob }));
    const [first] = await must(engine.sae.find(drop));
    const { saeId, statisticsTokens } = await must(engine.sae.import(first!.files));
    expect(statisticsTokens).toBe(0);
    expect(await must(engine.statistics.notes(saeId))).toEqual([]);
    expect(await engine.statistics.labelGuesses(saeId)).toBeNull();
    expect('isHacked' in {}).toBe(false);
    expect(said()).toMatch(/statistics\.bin was left out: .*damaged.* guesses\.json was left out/);
  });

  it('carries no word of a text that is kept', async () => {
    const { engine, ids } = published;
    const files = await must(engine.share.publish({ saeIds: ids, withText: false, as: 'files' }));
    expect(files.some(({ path }) => /statistics|notes|guesses/.test(path))).toBe(false);
  });
});

// viz, interpret, steer, export, import and convert on the demo, whose SAE comes with its statistics.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { afterAll, describe, expect, it } from 'vitest';
import { makeFeeds } from '../../../src/model/modelInput';
import { loadOrt } from '../../../src/model/ort';
import { readDemoCheckpoint } from '../../helpers/model/modelDemo';
import { runCommand, writeShortText } from '../../helpers/engine/runCommand';

const folder = mkdtempSync(join(tmpdir(), 'nanoscope-read-'));
const text = writeShortText(folder);
afterAll(() => rmSync(folder, { recursive: true }));

const demo = ['--checkpoint', 'public/demo', '--data', text];
/** What becomes of sparsify/layers.2 among others. */
const SPARSIFY_SAE = 'sparsify_layers.2';
const sae = ['--sae-path', 'public/demo/sae', ...demo];

async function succeed(...argv: string[]): Promise<string> {
  const run = await runCommand(argv);
  expect(run, run.notes.join('\n')).toMatchObject({ code: 0 });
  return run.out;
}

type Dumped = { dtype: string; shape: number[]; values: number[] };

/** Read by itself, without our own reader. */
function readDump(path: string): Map<string, Dumped> {
  const bytes = readFileSync(path);
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, start).toString()) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  delete header['__metadata__'];
  return new Map(
    Object.entries(header).map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [from, to],
        },
      ]) => {
        const length = (to - from) / 4;
        const read = (i: number) => {
          const at = start + from + 4 * i;
          return dtype === 'I32' ? bytes.readInt32LE(at) : bytes.readFloatLE(at);
        };
        return [name, { dtype, shape, values: Array.from({ length }, (_, i) => read(i)) }];
      },
    ),
  );
}

async function refuse(...argv: string[]): Promise<string> {
  const run = await runCommand(argv);
  expect(run.code).toBe(1);
  return run.notes.at(-1) ?? '';
}

describe('viz', () => {
  it('writes a page a feature, of the strongest examples asked for, and one that leads to them', async () => {
    const out = join(folder, 'html');
    const json = await succeed(
      ...['viz', ...sae, '--feature', '3,12', '--top-k', '4', '--output-dir', out, '--json'],
    );
    const { files } = JSON.parse(json) as { files: string[] };
    expect(files).toEqual(['index.html', 'feature_3.html', 'feature_12.html']);
    expect(readdirSync(out).sort()).toEqual([...files].sort());
    const pageOf = (name: string) => parseHTML(readFileSync(join(out, name), 'utf8')).document;
    const page = pageOf('feature_12.html');
    expect(page.querySelector('h2')?.textContent).toMatch(/ · 12$/);
    expect(page.querySelector('details[open]')?.querySelectorAll('.example')).toHaveLength(4);
    expect(page.querySelectorAll('svg rect').length).toBeGreaterThan(3);
    expect(page.querySelector('meta[http-equiv]')?.getAttribute('content')).toMatch(
      /^default-src 'none'; style-src 'sha256-/,
    );
    const links = [...pageOf('index.html').querySelectorAll('tbody a')];
    expect(links.map((link) => link.getAttribute('href'))).toEqual(files.slice(1));
  });

  it('refuses a feature that the SAE lacks, and no examples', async () => {
    const at = ['viz', ...sae, '--output-dir', join(folder, 'none')];
    expect(await refuse(...at, '--feature', '99999')).toContain(
      '99999 was given, this SAE has 0 to ',
    );
    expect(await refuse(...at, '--feature', '1', '--top-k', '65')).toContain(
      'top-k must be a whole number from 1 to 64, all that is kept of a feature: 65',
    );
    expect(await refuse(...at)).toContain('give --feature with numbers, or --all-features');
  });
});

describe('interpret', () => {
  it('dumps token ids, logits and every hook point by its TransformerLens name', async () => {
    const path = join(folder, 'dump.safetensors');
    const words = 'Once upon a time';
    const out = await succeed('interpret', ...demo, '--text', words, '--dump', path, '--json');
    const { tokenIds } = JSON.parse(out) as { tokenIds: number[] };
    const dump = readDump(path);
    const rows = tokenIds.length;
    expect(dump.get('token_ids')).toEqual({ dtype: 'I32', shape: [rows], values: tokenIds });
    expect(dump.get('logits')).toMatchObject({ dtype: 'F32', shape: [rows, 4096] });
    const hooks = [...dump.keys()].filter((name) => name.startsWith('blocks.'));
    expect(hooks).toHaveLength(4 * 6);
    for (const hook of hooks) expect(dump.get(hook)?.shape).toEqual([rows, 256]);
    // What goes in and what attention adds is what comes out.
    const [pre, attn, mid] = ['resid_pre', 'attn_out', 'resid_mid'].map(
      (site) => dump.get(`blocks.1.hook_${site}`)!.values,
    );
    const largest = Math.max(...mid!.map((value, i) => Math.abs(value - pre![i]! - attn![i]!)));
    expect(largest).toBeLessThan(1e-2);
  });

  it('tells the features of each token', async () => {
    const out = await succeed('interpret', ...sae, '--text', 'Once upon', '--top-k', '2');
    expect(out).toMatch(/sae, blocks\.2\.hook_resid_post\n.*: \d+ \([\d.e+]+\), \d+ \(/);
  });
});

describe('steer', () => {
  const words = ['--text', 'Once upon a time', '--max-tokens', '8', '--seed', '1', '--json'];
  type Lanes = { baseline: string; steered: string };

  it('writes the same text where nothing is changed, another where a feature is turned up', async () => {
    const steer = async (...how: string[]) =>
      JSON.parse(await succeed('steer', ...sae, '--feature', '3', ...words, ...how)) as Lanes;
    const same = await steer('--mode', 'scale', '--strength', '1');
    expect(same.steered).toBe(same.baseline);
    expect(same.baseline).toMatch(/^Once upon a time./);
    const up = await steer('--strength', '6');
    expect(up.baseline).toBe(same.baseline);
    expect(up.steered).not.toBe(up.baseline);
  });

  it('refuses a feature that the SAE lacks', async () => {
    expect(await refuse('steer', ...sae, '--feature', '99999', ...words)).toContain('99999');
  });
});

describe('files of other tools', () => {
  it('an SAE goes out and comes back unchanged', async () => {
    const [first, second] = [join(folder, 'first'), join(folder, 'second')];
    await succeed('export', ...sae, '--output-dir', first);
    await succeed('import', first, '--output-dir', second);
    const weights = (of: string) => readFileSync(join(of, 'sae_weights.safetensors'));
    expect(weights(second).equals(weights(first))).toBe(true);
    const [sparsify, back] = [join(folder, 'sparsify'), join(folder, 'back')];
    const told = await succeed(
      'export',
      ...sae,
      '--format',
      'sparsify',
      '--output-dir',
      sparsify,
      '--json',
    );
    const { files } = JSON.parse(told) as { files: string[] };
    const at = join(
      sparsify,
      files.find((name) => name.endsWith('sae.safetensors'))!,
      '..',
    );
    await succeed('import', at, '--output-dir', back);
    expect(weights(back).equals(weights(first))).toBe(true);
    const both = await succeed('import', folder, '--output-dir', join(folder, 'all'), '--json');
    const { saes } = JSON.parse(both) as { saes: { folder: string }[] };
    expect(saes.map((one) => one.folder)).toEqual(['back', 'first', 'second', SPARSIFY_SAE]);
    expect(weights(join(folder, 'all', SPARSIFY_SAE)).equals(weights(first))).toBe(true);
    const unfound = await refuse('import', join(folder, 'nowhere'), '--output-dir', second);
    expect(unfound).toContain('nowhere');
    expect(await refuse('import', 'public/icons', '--output-dir', second)).toContain(
      'no SAE among',
    );
  });

  it('runs to train elsewhere: the recipe of train, the text that it reads, refused where SAELens cannot', async () => {
    const out = join(folder, 'elsewhere');
    const recipe = ['--layer', '1,2', '--seeds', '2', '--k', '8', '--num-activations', '4096'];
    await succeed('handoff', ...demo, ...recipe, '--output-dir', out);
    const read = (name: string) => readFileSync(join(out, name), 'utf8');
    type Run = { name: string; hookPoint: string; k: number; tokens: number; initSeed: number };
    const { runs } = JSON.parse(read('recipe.json')) as { runs: Run[] };
    expect(runs.map((run) => [run.hookPoint, run.initSeed])).toEqual(
      [1, 2].flatMap((layer) => [0, 1].map((seed) => [`blocks.${layer}.hook_resid_post`, seed])),
    );
    expect(runs[0]).toMatchObject({ k: 8, tokens: 4096, d_in: 256, d_sae: 2048 });
    // What is measured on is not among them.
    const lines = (path: string) => readFileSync(path, 'utf8').trimEnd().split('\n');
    const kept = lines(join(out, 'text.jsonl'));
    expect(kept.length).toBeLessThan(lines(text).length);
    expect(lines(text).map((line) => JSON.parse(line) as object)).toEqual(
      expect.arrayContaining(kept.map((line) => JSON.parse(line) as object)),
    );
    expect(await refuse('handoff', ...demo, '--output-dir', out)).toContain('is not empty');
    const coder = ['--layer', '1', '--activation', 'transcoder', '--output-dir', join(out, 'x')];
    expect(await refuse('handoff', ...demo, ...coder)).toContain('SAELens');
  });

  it('a checkpoint as ONNX computes the same logits', async () => {
    const out = join(folder, 'onnx');
    const json = await succeed('convert', ...demo, '--output-dir', out, '--json');
    const made = JSON.parse(json) as { files: string[]; inputs: string[]; outputs: string[] };
    expect(made.files[0]).toBe('model.onnx');
    const bytes = (name: string) => Uint8Array.from(readFileSync(join(out, name)));
    const ort = await loadOrt({ backend: 'wasm' });
    const session = await ort.createSession({
      model: bytes('model.onnx'),
      externalData: made.files.slice(1).map((path) => ({ path, data: bytes(path) })),
      device: null,
      outputs: made.outputs,
      cpuOutputs: new Set(made.outputs),
      isPlacementStrict: false,
    });
    const path = join(folder, 'short.safetensors');
    const told = await succeed('interpret', ...demo, '--text', 'The cat', '--dump', path, '--json');
    const { tokenIds } = JSON.parse(told) as { tokenIds: number[] };
    const { config } = await readDemoCheckpoint();
    const { feeds } = makeFeeds(ort, config, Int32Array.from(tokenIds), 1, 0);
    expect([...feeds.keys()].sort()).toEqual([...made.inputs].sort());
    const results = await session.run(feeds);
    const logits = results.get(made.outputs[0]!)!.data as Float32Array;
    const expected = readDump(path).get('logits')!.values;
    expect(logits.length).toBe(expected.length);
    const largest = Math.max(...expected.map((value, i) => Math.abs(value - logits[i]!)));
    expect(largest).toBeLessThan(1e-4);
    await session.release();
  });
});

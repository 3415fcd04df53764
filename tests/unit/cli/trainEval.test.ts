// train and eval, as one types them: an SAE in SAELens' layout, its figures, what is refused, and Ctrl-C.
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  cpSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { gunzipSync } from 'node:zlib';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SaeEvaluation } from '../../../src/core/evaluate/evaluation';
import { parseSaeStatistics } from '../../../src/formats/sae/saeStatistics';
import { runCommand, writeShortText, type CommandRun } from '../../helpers/engine/runCommand';

const folder = mkdtempSync(join(tmpdir(), 'nanoscope-cli-'));
const text = writeShortText(folder);
const small = [
  ...['train', '--checkpoint', 'public/demo', '--data', text, '--activation', 'topk', '--k', '8'],
  ...['--expansion_factor', '0.125', '--batch-size', '256', '--num_activations', '2048'],
];
const out = join(folder, 'out');

afterAll(() => rmSync(folder, { recursive: true }));

type TrainJson = { saes: { path: string; d_in: number; d_sae: number; k: number; l0: number }[] };
type EvalJson = { format: string; evaluations: SaeEvaluation[] };

describe('a trained layer', () => {
  let trained: CommandRun;
  beforeAll(async () => {
    trained = await runCommand([...small, '--layer', '1', '--output_dir', out, '--json']);
  });

  it('is told as JSON, flags with dashes or underscores', () => {
    expect(trained).toMatchObject({ code: 0 });
    const { saes } = JSON.parse(trained.out) as TrainJson;
    expect(saes).toMatchObject([{ path: join(out, 'layer_1'), d_in: 256, d_sae: 32, k: 8 }]);
    expect(saes[0]?.l0).toBeCloseTo(8, 0);
  });

  it('lies in SAELens’ layout beside config.json, and nothing else is left', () => {
    expect(readdirSync(out)).toEqual(['layer_1']);
    expect(readdirSync(join(out, 'layer_1')).sort()).toEqual([
      'cfg.json',
      'config.json',
      'sae_weights.safetensors',
    ]);
    const read = (name: string) =>
      JSON.parse(readFileSync(join(out, 'layer_1', name), 'utf8')) as Record<string, unknown>;
    expect(read('cfg.json')).toMatchObject({ architecture: 'topk', d_in: 256, d_sae: 32 });
    expect(read('config.json')).toMatchObject({
      model: { name: 'nanochat-d4', n_embd: 256 },
      training: { hookPoint: 'blocks.1.hook_resid_post', tokens: 2048, k: 8 },
    });
  });

  it('is measured without saying again what it was made of', async () => {
    const sae = ['--sae-path', join(out, 'layer_1'), '--num-tokens', '300'];
    const report = ['--output-dir', join(folder, 'report')];
    const run = await runCommand(['eval', ...sae, '--json', ...report]);
    expect(run.code).toBe(0);
    const { format, evaluations } = JSON.parse(run.out) as EvalJson;
    expect(format).toBe('nanoscope-evaluation');
    const [evaluation] = evaluations;
    expect(evaluation?.sae).toMatchObject({ name: 'layer_1', d_sae: 32 });
    const { metrics } = evaluation!;
    expect(metrics.l0).toBeCloseTo(8, 0);
    expect(metrics.fvu).toBeCloseTo(1 - metrics.explainedVariance, 12);
    expect(metrics.ceAblated).toBeGreaterThan(metrics.ceClean);
    const written = readFileSync(join(folder, 'report/evaluation.json'), 'utf8');
    expect(JSON.parse(written)).toEqual(JSON.parse(run.out));

    const block = await runCommand(['eval', ...sae]);
    for (const word of ['MSE', 'explained variance', 'reconstruction score', 'L0', 'L1', 'dead'])
      expect(block.out).toContain(word);
    expect(block.out).toContain(`${Number((100 * metrics.explainedVariance).toFixed(1))}`);
    expect(block.out).toMatch(/CE recovered +-?[\d.]+ %/);
  });

  it('is shown, every feature of it, and prepared for Neuronpedia from the same statistics', async () => {
    const sae = ['--sae-path', join(out, 'layer_1'), '--num-tokens', '4000'];
    const html = join(folder, 'html');
    const pages = await runCommand(['viz', ...sae, '--all-features', '--output-dir', html]);
    expect(pages.code).toBe(0);
    expect(readdirSync(html)).toHaveLength(32 + 1);
    const kept = async () =>
      parseSaeStatistics(Uint8Array.from(readFileSync(join(out, 'layer_1/statistics.bin'))), 32);
    const first = await kept();
    expect(first.topKept).toBe(20);

    const dashboards = ['--generate-dashboards', '--top-k', '50'];
    const measure = ['eval', ...sae.slice(0, 2), '--num-tokens', '100', ...dashboards];
    const measured = await runCommand([...measure, '--output-dir', join(folder, 'report')]);
    expect(measured, measured.notes.join('\n')).toMatchObject({ code: 0 });
    const report = join(folder, 'report/dashboards/layer_1');
    expect(readdirSync(report)).toHaveLength(32 + 1);
    // Of the 20 that were kept before there were too few: the same text was read again, and 50 are kept.
    const shown = (name: string) =>
      parseHTML(readFileSync(join(report, name), 'utf8')).document.querySelectorAll(
        'details[open] .example',
      ).length;
    const most = Math.max(...readdirSync(report).map(shown));
    expect(most).toBeGreaterThan(20);
    const again = await kept();
    expect(again.topKept).toBe(50);
    expect(again.countedTokens).toBeGreaterThanOrEqual(first.countedTokens);
    const nowhere = await runCommand(measure);
    expect(nowhere.notes.at(-1)).toContain('--output-dir is missing: the dashboards go there');

    const np = join(folder, 'np');
    const run = await runCommand(
      ['export', ...sae, '--format', 'neuronpedia', '--output-dir', np, '--json'],
      // Statistics that lie there are not computed again.
      { onNote: (line) => expect(line).not.toContain('Reading the corpus') },
    );
    expect(run.code).toBe(0);
    const { files } = JSON.parse(run.out) as { files: string[] };
    for (const name of ['release', 'model', 'sourceset', 'source'])
      expect(files.some((path) => path.endsWith(`/${name}.jsonl`))).toBe(true);
    const batch = files.find((path) => path.endsWith('/features/batch-0.jsonl.gz'))!;
    const [line = ''] = gunzipSync(readFileSync(join(np, batch)))
      .toString()
      .split('\n');
    expect(JSON.parse(line)).toHaveProperty('index');
    expect(files.every((path) => existsSync(join(np, path)))).toBe(true);
    rmSync(join(out, 'layer_1/statistics.bin'));
  });

  it('is not replaced by another recipe', async () => {
    const other = await runCommand([...small, '--layer', '1', '--output-dir', out, '--k', '4']);
    expect(other.code).toBe(1);
    expect(other.notes.at(-1)).toMatch(/output-dir: .*layer_1 holds another SAE/);
    expect(readdirSync(out)).toEqual(['layer_1']);
  });

  it('may be trained again; ended by Ctrl-C it says how to go on, to the same SAE', async () => {
    const again = [...small, '--layer', '1', '--output-dir', out];
    const weights = () => readFileSync(join(out, 'layer_1/sae_weights.safetensors'));
    const before = weights();
    const first = await runCommand(again, {
      onNote: (line, pressCtrlC) => {
        if (line.includes('training: 3 of 8')) pressCtrlC();
      },
    });
    expect(first.code).toBe(130);
    expect(first.notes.at(-1)).toMatch(/Saved at step [3-6] of 8\. Go on with: .* --resume$/);
    expect(readdirSync(out)).toEqual(['.nanoscope', 'layer_1']);

    const anew = await runCommand(again);
    expect(anew.code).toBe(1);
    expect(anew.notes.at(-1)).toContain('--resume');

    rmSync(join(out, 'layer_1'), { recursive: true });
    expect((await runCommand(['train', '--output-dir', out, '--resume'])).code).toBe(0);
    expect(readdirSync(out)).toEqual(['layer_1']);
    expect(weights().equals(before)).toBe(true);
  });

  it('is refused with the field and both values where it does not fit', async () => {
    const bad = join(folder, 'bad');
    cpSync(join(out, 'layer_1'), bad, { recursive: true });
    const cfg = JSON.parse(readFileSync(join(bad, 'cfg.json'), 'utf8')) as Record<string, unknown>;
    writeFileSync(join(bad, 'cfg.json'), JSON.stringify({ ...cfg, d_in: 64 }));
    const wrong = await runCommand(['eval', '--sae-path', bad]);
    expect(wrong.code).toBe(1);
    expect(wrong.notes.at(-1)).toMatch(/W_enc: expected shape \[64, 32\].*found \[256, 32\]/);

    rmSync(join(bad, 'cfg.json'));
    const missing = await runCommand(['eval', '--sae-path', bad]);
    expect(missing).toMatchObject({ code: 1 });
    expect(missing.notes.at(-1)).toContain('has no cfg.json');

    const lost = await runCommand(['eval', '--sae-path', 'public/demo/sae']);
    expect(lost.code).toBe(1);
    expect(lost.notes.at(-1)).toMatch(/checkpoint: .* has no config.json/);
  });
});

it('trains several layers with one pass over the text', async () => {
  const both = join(folder, 'both');
  const run = await runCommand([...small, '--layer', '0,2', '--output-dir', both, '--json']);
  expect(run.code).toBe(0);
  expect(readdirSync(both).sort()).toEqual(['layer_0', 'layer_2']);
  const measuring = run.notes.filter((line) => line.includes('capturing activations: 0 of'));
  expect(measuring.length).toBeLessThanOrEqual(2);
});

it('trains a transcoder where the MLP of each layer reads', async () => {
  const two = join(folder, 'transcoders');
  const run = await runCommand([
    ...[...small, '--activation', 'transcoder', '--layer', '0,2', '--output-dir', two, '--json'],
  ]);
  expect(run.code).toBe(0);
  const cfg = JSON.parse(readFileSync(join(two, 'layer_2_transcoder/cfg.json'), 'utf8')) as {
    metadata: Record<string, unknown>;
  };
  expect(cfg).toMatchObject({ architecture: 'transcoder' });
  expect(cfg.metadata).toMatchObject({
    hook_name: 'blocks.2.ln2.hook_normalized',
    hook_name_out: 'blocks.2.hook_mlp_out',
  });

  const measured = await runCommand(['eval', '--sae-dir', two, '--num-tokens', '200', '--json']);
  const { evaluations } = JSON.parse(measured.out) as EvalJson;
  const [first, second] = evaluations.map(({ together }) => together!);
  expect(first).toEqual(second);
  expect(first!.saes.map(({ name }) => name)).toEqual(['layer_0_transcoder', 'layer_2_transcoder']);
  // Two MLPs silent hurt more than the worse of the two.
  const alone = evaluations.map(({ metrics }) => metrics.ceAblated);
  expect(first!.metrics.ceAblated).toBeGreaterThan(Math.max(...alone));
});

describe('what is refused', () => {
  const train = (...rest: string[]) =>
    runCommand([...small, '--output-dir', join(folder, 'none'), ...rest]);

  it.each([
    [['--layer', '9'], 'layer: 9 was given, nanochat-d4 has layers 0 to 3'],
    [['--k', '200'], 'k must be'],
    [['--activation', 'perceptron'], 'architecture must be one of'],
    [['--checkpoint', 'nowhere'], 'checkpoint: no such folder: '],
    [['--data', 'nowhere.txt'], 'data: no such file: '],
    [['--checkpoint', 'public/icons'], 'checkpoint'],
  ])('%s', async (options, words) => {
    const run = await train(...options);
    expect(run.code).toBe(1);
    expect(run.notes.at(-1)).toContain(words);
    expect(existsSync(join(folder, 'none/.nanoscope'))).toBe(false);
  });

  it('as a wrong call: an unknown option, and a number that is none', async () => {
    expect((await train('--expansion', '4')).code).toBe(2);
    const number = await train('--num-activations', 'many');
    expect(number.code).toBe(2);
    expect(number.notes.join('\n')).toContain('--num-activations');
    expect(number.notes.join('\n')).toContain('expected a number, got "many"');
    const threads = await train('--threads', '0');
    expect(threads.code).toBe(2);
    expect(threads.notes.join('\n')).toContain('expected 1 to 64, got 0');
    expect((await train('--k', '')).notes.join('\n')).toContain('expected a number, got ""');
  });

  it('an unreadable checkpoint, by the file and what is wrong with it', async () => {
    const broken = join(folder, 'broken');
    cpSync('public/demo/nanochat-d4', broken, { recursive: true });
    const model = readdirSync(broken).find((name) => name.endsWith('.pt'))!;
    writeFileSync(join(broken, model), 'not a checkpoint');
    const run = await train('--checkpoint', broken);
    expect(run.code).toBe(1);
    expect(run.notes.at(-1)).toContain(model);
  });
});

it('shows help with examples', async () => {
  const help = await runCommand(['train', '--help']);
  expect(help.code).toBe(0);
  expect(help.out).toContain('Examples:');
  expect(help.out).toContain('--num-activations');
  expect((await runCommand([])).code).toBe(2);
});

// The examples, run as they are on the demo, the first one smaller; and what the library refuses.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { main as analyse } from '../../../examples/feature-analysis';
import { main as steer } from '../../../examples/feature-steering';
import { main as interpret } from '../../../examples/interpret-model';
import { main as train } from '../../../examples/train-sae';
import {
  ActivationCollector,
  FeatureVisualizer,
  InterpretableModel,
  loadSaes,
  Sae,
  SaeConfig,
  textBatches,
  trainSaeFromActivations,
} from '../../../src/library/nanoscope';
import { writeShortText } from '../../helpers/engine/runCommand';

const folder = mkdtempSync(join(tmpdir(), 'nanoscope-examples-'));
const text = writeShortText(folder);
const said = vi.spyOn(console, 'log').mockImplementation(() => undefined);
afterAll(() => {
  said.mockRestore();
  rmSync(folder, { recursive: true });
});

it('train-sae: what is saved is what was measured', async () => {
  const small = { tokens: 4096, expansionFactor: 0.5, k: 8, data: text };
  const { sae, metrics } = await train({ ...small, out: join(folder, 'sae') });
  expect(sae.facts).toMatchObject({ d_in: 256, d_sae: 128, k: 8, tokens: 4096 });
  expect(metrics.l0).toBeCloseTo(8, 0);
  expect(metrics.explainedVariance).toBeGreaterThan(0.3);
  const read = await Sae.open(join(folder, 'sae'));
  expect(read.params).toEqual(sae.params);
  const { names, get } = await loadSaes(folder);
  expect(names).toEqual(['sae']);
  expect((await get('sae')).params.d_sae).toBe(128);
  await expect(get('other')).rejects.toThrow('other: not in');
});

it('interpret-model: logits, every hook point and features of each token', async () => {
  const { tokens, logits, activations, features } = await interpret();
  expect(tokens[0]).toBe('<|bos|>');
  expect(logits).toHaveLength(tokens.length * 4096);
  expect(activations.size).toBe(24);
  expect(features.hookPoint).toBe('blocks.2.hook_resid_post');
  expect(features.perToken).toHaveLength(tokens.length);
  const acts = features.perToken[3]!.map(({ act }) => act);
  expect(acts).toHaveLength(3);
  expect(acts).toEqual([...acts].sort((a, b) => b - a));
});

it('feature-steering: 0 takes the feature away, 1 changes nothing, 2 goes the other way', async () => {
  const { said: lanes, untouched } = await steer();
  const [off, same, doubled] = lanes.map(({ logits }) => logits);
  const difference = (other: Float32Array) =>
    Math.max(...other.map((value, i) => Math.abs(value - untouched.logits[i]!)));
  expect(difference(same!)).toBeLessThan(1e-4);
  expect(difference(off!)).toBeGreaterThan(0.1);
  expect(difference(doubled!)).toBeGreaterThan(0.1);
  const changeOf = (other: Float32Array) => other.map((value, i) => value - untouched.logits[i]!);
  const [down, up] = [changeOf(off!), changeOf(doubled!)];
  expect(down.reduce((sum, value, i) => sum + value * up[i]!, 0)).toBeLessThan(0);
});

it('feature-analysis: examples, strongest first, and a page', async () => {
  const { row, examples } = await analyse({ out: folder });
  expect(row.latentIndex).toBe(12);
  expect(examples).toHaveLength(5);
  // Examples are kept in f16.
  expect(examples[0]!.act / row.maxAct).toBeCloseTo(1, 3);
  expect(readFileSync(join(folder, 'feature_12.html'), 'utf8')).toContain('<h2>');
});

it('every example is one of these', () => {
  const names = readdirSync('examples').filter((name) => name.endsWith('.ts'));
  expect(names.sort()).toEqual([
    'feature-analysis.ts',
    'feature-steering.ts',
    'interpret-model.ts',
    // Run by tests/unit/cli/rowsViz.test.ts.
    'shapes.ts',
    'train-sae.ts',
  ]);
  expect(existsSync('examples/run.mjs')).toBe(true);
});

it('refuses what does not fit, with both values', async () => {
  const model = await InterpretableModel.open('public/demo', { data: text });
  expect(() => SaeConfig.fromModel(model, { layer: 7 })).toThrow('blocks.7.hook_resid_post');
  expect(() => SaeConfig.fromModel(model, { layer: 1, k: 9999 })).toThrow('k must be');
  expect(
    () => new ActivationCollector(model, { hooks: ['blocks.9.hook_mlp_out'], maxActivations: 1 }),
  ).toThrow('blocks.9.hook_mlp_out was given');
  const sae = await Sae.open('public/demo/sae');
  const narrow = new Sae({ ...sae.facts, d_in: 64 }, sae.params);
  await expect(model.addSae(narrow)).rejects.toThrow(
    'd_in: sae has 64, nanochat-d4 has n_embd 256',
  );
  const visualizer = new FeatureVisualizer(model, sae);
  await expect(visualizer.maxActivatingExamples(1, { top: 65 })).rejects.toThrow(
    'top must be a whole number from 1 to 64',
  );
  await expect(model.activeFeatures()).rejects.toThrow('call interpret first');
  const collector = new ActivationCollector(model, {
    hooks: ['blocks.0.hook_resid_post'],
    maxActivations: 5,
  });
  await expect(collector.add([[1, 2], [1]])).rejects.toThrow('sequence 1 has 1 tokens');
  await collector.add([model.tokenize('Once upon a time'), model.tokenize('Once upon a time')]);
  expect(collector.rows).toBe(5);
  expect(collector.isFull).toBe(true);
  const { data, d_in } = collector.activations('blocks.0.hook_resid_post');
  const [read] = (
    await model.interpret('Once upon a time', ['blocks.0.hook_resid_post'])
  ).activations.values();
  // <|bos|> is read and left out.
  expect(
    Math.max(...data.subarray(0, d_in).map((value, i) => Math.abs(value - read![d_in + i]!))),
  ).toBeLessThan(1e-2);
  collector[Symbol.dispose]();
  expect(collector.rows).toBe(0);
  await model.dispose();
});

it('trains on rows left on the device as on an array of them', async () => {
  const model = await InterpretableModel.open('public/demo', { data: text });
  const hook = 'blocks.1.hook_resid_post';
  const what = { hooks: [hook], maxActivations: 256 } as const;
  using onDevice = new ActivationCollector(model, { ...what, storage: 'device' });
  using inArray = new ActivationCollector(model, what);
  for await (const batch of textBatches(model, { batchSize: 1 })) {
    await onDevice.add(batch);
    await inArray.add(batch);
    if (onDevice.isFull) break;
  }
  const left = onDevice.onDevice(hook);
  const rows = inArray.activations(hook);
  expect(await left.read()).toEqual(rows);
  const recipe = { layer: 1, expansionFactor: 0.25, k: 4, tokens: 256, batchSize: 128 };
  const config = SaeConfig.fromModel(model, recipe);
  const trained = await trainSaeFromActivations(left, config);
  expect(trained.params).toEqual((await trainSaeFromActivations(rows, config)).params);
  await expect(trainSaeFromActivations(left, config, { device: 'cpu' })).rejects.toThrow(
    'these activations lie on a device already',
  );
  expect(() => onDevice.activations(hook)).toThrow('its rows are given by onDevice');
  expect(() => inArray.onDevice(hook)).toThrow('its rows are given by activations');
  onDevice.dispose();
  await expect(left.read()).rejects.toThrow('its collector holds no rows any more');
  await model.dispose();
});

// `nanoscope circuit` and the library's own function, with random transcoders of the demo model.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { GraphJson } from '../../../src/core/circuits/graphJson';
import { circuitJson, traceCircuit } from '../../../src/library/circuit';
import { InterpretableModel } from '../../../src/library/interpretableModel';
import { loadSaes } from '../../../src/library/loadSaes';
import { makeSaeParams } from '../../helpers/cases';
import { transcoderFiles } from '../../helpers/circuits/transcoderFiles';
import { runCommand } from '../../helpers/engine/runCommand';

const LAYERS = 4;
const folder = mkdtempSync(join(tmpdir(), 'nanoscope-circuit-'));
const transcoders = join(folder, 'transcoders');
const out = join(folder, 'graph.json');
const text = 'Tom likes';
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(async () => {
  for (let layer = 0; layer < LAYERS; layer++) {
    const shape = { d_in: 256, d_sae: 24, k: 3, applyBDecToInput: false };
    for (const { path, blob } of transcoderFiles(makeSaeParams({ seed: layer, ...shape }), layer)) {
      mkdirSync(dirname(join(transcoders, path)), { recursive: true });
      writeFileSync(join(transcoders, path), new Uint8Array(await blob.arrayBuffer()));
    }
  }
});

const asked = (...more: string[]) => [
  ...['circuit', '--checkpoint', 'public/demo', '--transcoders', transcoders, '--device', 'cpu'],
  ...['--text', text, '--out', out, '--max-features', '12', ...more],
];

it('writes the graph, and its figures as one line of JSON', async () => {
  const set = join(folder, 'set');
  const words = ['--target', ' to', '--against', ' a', '--transcoder-set', set, '--json'];
  const run = await runCommand(asked(...words));
  expect(run, run.notes.join('\n')).toMatchObject({ code: 0 });
  const figures = JSON.parse(run.out) as Record<string, unknown>;
  expect(figures).toMatchObject({
    out,
    tokens: 3,
    features: 12,
    logits: [{ token: ' to', against: ' a' }],
  });
  expect(figures['identityError']).toBeLessThan(1e-4);
  const { nodes, metadata } = JSON.parse(readFileSync(out, 'utf8')) as GraphJson;
  expect(nodes.at(-1)?.clerp).toMatch(/^Output " to" over " a" \(p=0\.\d{3}\)$/);
  expect(metadata['prompt']).toContain(text);
  const blocks = Array.from({ length: LAYERS }, (_, layer) => `layer_${layer}.safetensors`);
  expect(readdirSync(set).sort()).toEqual(['config.yaml', ...blocks]);
  rmSync(out);
});

it('ends with Ctrl-C and writes nothing', async () => {
  const run = await runCommand(asked(), {
    onNote: (line, pressCtrlC) => {
      if (line.includes('Freezing')) pressCtrlC();
    },
  });
  expect(run.code).toBe(130);
  expect(existsSync(out)).toBe(false);
});

it('refuses a target of several tokens by their names, and a folder without transcoders', async () => {
  const several = await runCommand(asked('--target', ' xyzzy'));
  expect(several.code).toBe(1);
  expect(several.notes.join('\n')).toContain('must be one token; it is " x"');
  const none = await runCommand([...asked(), '--transcoders', 'public/demo/sae']);
  expect(none.code).toBe(1);
  expect(none.notes.join('\n')).toContain('none of them is a transcoder');
});

it('is a function of the library, too', async () => {
  const model = await InterpretableModel.open('public/demo', { device: 'cpu' });
  const saes = [];
  for await (const sae of await loadSaes(transcoders)) saes.push(sae);
  const circuit = await traceCircuit(model, text, {
    transcoders: saes,
    maxFeatures: 5,
  });
  expect(circuit.graph.nodes.filter(({ kind }) => kind === 'latent')).toHaveLength(5);
  const prune = { nodeShare: 1, edgeShare: 1 };
  const labels = circuit.graph.nodes.map((_, at) => `node ${at}`);
  const json = JSON.parse(await circuitJson(model, circuit, { labels, prune })) as GraphJson;
  expect(json.nodes.map(({ clerp }) => clerp)).toContain('node 0');
  await expect(
    traceCircuit(model, text, { transcoders: saes, signal: AbortSignal.abort() }),
  ).rejects.toThrow('aborted');
  await model.dispose();
});

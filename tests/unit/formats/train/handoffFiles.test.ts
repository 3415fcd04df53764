// What is taken to other machines: one folder a run, and a recipe that holds every number of it.
import { expect, it } from 'vitest';
import { makeSaeConfig } from '../../../../src/core/sae/sae';
import { formatHandoff } from '../../../../src/formats/train/handoffFiles';

const config = (initSeed: number) =>
  makeSaeConfig({
    hookPoint: 'blocks.2.hook_resid_post',
    d_in: 16,
    d_sae: 64,
    k: 4,
    tokens: 4096,
    batchSize: 256,
    seed: 0,
    initSeed,
    contextSize: 64,
  });

const made = formatHandoff({
  version: '9',
  model: { id: 'd4~ab', name: 'd4`', step: 7 },
  text: { name: 'mine', documents: 3 },
  configs: [config(0), config(1), config(1)],
});

it('names every run of the recipe by its place, kind and seed, and no two alike', () => {
  const recipe = JSON.parse(made.get('recipe.json') ?? '') as { runs: Record<string, unknown>[] };
  expect(recipe.runs.map(({ name }) => name)).toEqual([
    'blocks.2.hook_resid_post_topk_seed_0',
    'blocks.2.hook_resid_post_topk_seed_1',
    'blocks.2.hook_resid_post_topk_seed_1_2',
  ]);
  expect(recipe.runs[1]).toMatchObject({ ...config(1), hfHookName: 'model.layers.2' });
});

it('asks for a GPU a run, and reads no field that the recipe lacks', () => {
  expect(made.get('sky.yaml')).toContain('accelerators: A100:3');
  expect(made.get('README.md')).toContain("`d4'`, step 7");
  const fields = new Set(Object.keys(config(0)).concat('name', 'hfHookName'));
  const script = made.get('train_sae.py') ?? '';
  const shared =
    script.slice(0, script.indexOf('if kind == "batchtopk"')) +
    script.slice(script.indexOf('def train('));
  const read = [...shared.matchAll(/\bc\["(\w+)"\]/g)].map(([, name = '']) => name);
  expect(read.length).toBeGreaterThan(15);
  expect(read.filter((name) => !fields.has(name))).toEqual([]);
});

// npm run bench -- quality [--json] [--python PATH] [--sides ours,torch] [--architectures topk,gated]
//   [--seeds 0,1,2] [--gates topk,relu] [--tokens N] [--latents N] [--evaluate N] [--cache FOLDER] [--train | --cached]
// Ours and the peers on the same cached activations of the demo model, and the ground-truth dictionary; every
// trained SAE is kept in the cache, so that an interrupted bench goes on. docs/quality.md says what is compared.
// npm run bench -- quality --demo [--json] [--seed N] [--tokens N] [--evaluate N] [--keep FILE.zip]
// Trains the demo recipe through the engine and measures it on 40,000 held-out tokens (or N).
// Last line: JSON.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import reference from '../tests/fixtures/goldens/sae_reference.json';
import { ARCHITECTURES } from '../src/core/sae/architecture';
import { DICTIONARY_GATES } from '../tests/helpers/train/dictionaryGates';
import { DEMO_RECIPE, evaluateOnHeldOut, HELD_OUT_TOKENS, trainDemoSae } from './demo/demoRecipe';
import { SIDES } from './quality/budget';
import { compareSides } from './quality/compareSides';

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean', default: false },
      demo: { type: 'boolean', default: false },
      seed: { type: 'string', default: String(DEMO_RECIPE.seed) },
      tokens: { type: 'string' },
      keep: { type: 'string' },
      train: { type: 'boolean', default: false },
      cached: { type: 'boolean', default: false },
      python: { type: 'string', default: 'python3' },
      cache: { type: 'string' },
      latents: { type: 'string', default: '1024' },
      evaluate: { type: 'string' },
      seeds: { type: 'string', default: '0,1,2' },
      sides: { type: 'string', default: SIDES.join() },
      architectures: { type: 'string', default: ARCHITECTURES.join() },
      gates: { type: 'string', default: DICTIONARY_GATES.map(({ name }) => name).join() },
    },
  });
  if (values.demo) {
    await measureDemo(values);
    return;
  }
  await compareSides({
    python: values.python,
    cache: values.cache,
    tokens: Number(values.tokens ?? 153_600),
    d_sae: Number(values.latents),
    evaluationTokens: Number(values.evaluate ?? 8192),
    seeds: values.seeds.split(',').map(Number),
    sides: listOf('sides', values.sides, SIDES),
    architectures: listOf('architectures', values.architectures, ARCHITECTURES),
    gates: listOf(
      'gates',
      values.gates,
      DICTIONARY_GATES.map(({ name }) => name),
    ),
    isJson: values.json,
    isTrainOnly: values.train,
    isCachedOnly: values.cached,
  });
}

/** Names from a comma-separated option; an empty one names none. */
function listOf<T extends string>(option: string, value: string, known: readonly T[]): T[] {
  const names = value.split(',').filter((name) => name !== '');
  return names.map((name) => {
    const found = known.find((one) => one === name);
    if (found === undefined) {
      throw new Error(`quality: --${option} ${name}; known: ${known.join(', ')}`);
    }
    return found;
  });
}

async function measureDemo(values: {
  json: boolean;
  seed: string;
  tokens?: string;
  evaluate?: string;
  keep?: string;
}): Promise<void> {
  const tokens = Number(values.tokens ?? DEMO_RECIPE.tokens);
  const form = { ...DEMO_RECIPE, seed: Number(values.seed), tokens };
  const { facts, zip, adapter, seconds } = await trainDemoSae(form);
  if (values.keep !== undefined) {
    await writeFile(values.keep, new Uint8Array(await zip.arrayBuffer()));
  }
  const metrics = await evaluateOnHeldOut(zip, Number(values.evaluate ?? HELD_OUT_TOKENS));
  const ours = {
    explainedVariance: metrics.explainedVariance,
    l0: metrics.l0,
    deadFraction: facts.deadFraction,
    deadFractionEval: metrics.deadFractionEval,
    tokens: facts.tokens,
  };
  if (!values.json) {
    const peers = reference.runs.map((peer) => ({ who: `PyTorch, seed ${peer.seed}`, ...peer }));
    console.table(
      [{ who: `nanoscope, seed ${form.seed}`, ...ours }, ...peers],
      ['who', 'tokens', 'explainedVariance', 'l0', 'deadFraction', 'deadFractionEval'],
    );
  }
  const { seed } = form;
  console.log(JSON.stringify({ ...ours, heldOutTokens: metrics.tokens, seed, seconds, adapter }));
}

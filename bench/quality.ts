// npm run bench -- quality --demo [--json] [--seed N] [--tokens N] [--keep FILE.zip]
// Trains the demo recipe and measures it on 40,000 held-out tokens, beside what PyTorch reaches with the
// same recipe (tests/fixtures/goldens/sae_reference.json). Last line: JSON.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import reference from '../tests/fixtures/goldens/sae_reference.json';
import { DEMO_RECIPE, evaluateOnHeldOut, trainDemoSae } from './demoRecipe';

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      demo: { type: 'boolean' },
      json: { type: 'boolean' },
      seed: { type: 'string', default: String(DEMO_RECIPE.seed) },
      tokens: { type: 'string', default: String(DEMO_RECIPE.tokens) },
      keep: { type: 'string' },
    },
  });
  if (values.demo !== true) throw new Error('quality: give --demo (the only subject so far)');
  const form = { ...DEMO_RECIPE, seed: Number(values.seed), tokens: Number(values.tokens) };
  const { facts, zip, adapter, seconds } = await trainDemoSae(form);
  if (values.keep !== undefined) {
    await writeFile(values.keep, new Uint8Array(await zip.arrayBuffer()));
  }
  const metrics = await evaluateOnHeldOut(zip);
  const ours = {
    explainedVariance: metrics.explainedVariance,
    l0: metrics.l0,
    deadFraction: facts.deadFraction,
    deadFractionEval: metrics.deadFractionEval,
    tokens: facts.tokens,
  };
  if (values.json !== true) {
    const peers = reference.runs.map((peer) => ({ who: `PyTorch, seed ${peer.seed}`, ...peer }));
    console.table(
      [{ who: `nanoscope, seed ${form.seed}`, ...ours }, ...peers],
      ['who', 'tokens', 'explainedVariance', 'l0', 'deadFraction', 'deadFractionEval'],
    );
  }
  const { seed } = form;
  console.log(JSON.stringify({ ...ours, heldOutTokens: metrics.tokens, seed, seconds, adapter }));
}

// npm run bench -- demoCandidates [--json] [--candidates 2x8,2x16,1x8] [--tokens N] [--evaluate N] [--guesses N] [--keep FOLDER]
// SAEs that could be the demo's, LAYERxEXPANSION, trained in one run that shares every forward pass, and compared by what
// they are worth as a demo: explained variance, cross-entropy recovered, and how well plain rules predict their features on
// held-out text. --keep writes their zips, which bakeDemo takes. Last line: JSON.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { SaeFacts } from '../src/engine/sae/api';
import type { TrainForm } from '../src/engine/train/api';
import { startNodeEngine, type ListenedEngine } from '../tests/helpers/engine/nodeEngine';
import { makeNodeParts } from '../tests/helpers/engine/nodeParts';
import { guessFigures } from './demo/guessFigures';
import { DEMO_RECIPE } from './demo/demoRecipe';
import { valueOf } from './demo/outcome';

/** Enough for all of them at once. */
const BUDGET_BYTES = 8 * 2 ** 30;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean', default: false },
      candidates: { type: 'string', default: '2x8,2x16,1x8' },
      tokens: { type: 'string', default: '1048576' },
      evaluate: { type: 'string', default: '16384' },
      guesses: { type: 'string', default: '65536' },
      keep: { type: 'string' },
    },
  });
  const node = await startNodeEngine(makeNodeParts());
  const { engine } = node;
  valueOf(await engine.model.open({ kind: 'demo' }));
  const forms = values.candidates.split(',').map((name) => {
    const [layer, expansion] = name.split('x').map(Number);
    const form: TrainForm = {
      ...DEMO_RECIPE,
      hookPoint: `blocks.${layer ?? 0}.hook_resid_post`,
      expansionFactor: expansion ?? 1,
      tokens: Number(values.tokens),
    };
    return { name, form };
  });
  const trained = await trainTogether(
    node,
    forms.map(({ form }) => form),
  );
  const rows: Record<string, unknown>[] = [];
  for (const [i, { name }] of forms.entries()) {
    const sae = trained[i];
    if (sae === undefined) throw new Error(`demoCandidates: ${name} left no SAE`);
    if (values.keep !== undefined) {
      await mkdir(values.keep, { recursive: true });
      const zip = valueOf(await engine.sae.export(sae.saeId));
      await writeFile(join(values.keep, `${name}.zip`), new Uint8Array(await zip.arrayBuffer()));
    }
    valueOf(
      await engine.evaluate.run([sae.saeId], { tokens: Number(values.evaluate), probing: null }),
    );
    const row = (await engine.evaluate.list()).find(({ saeId }) => saeId === sae.saeId);
    const metrics = row?.evaluation?.metrics;
    const guesses = valueOf(await engine.statistics.guessLabels(sae.saeId, Number(values.guesses)));
    rows.push({
      name,
      hook: sae.hookPoint,
      d_sae: sae.d_sae,
      tokens: sae.tokens,
      explainedVariance: metrics?.explainedVariance,
      ceLossRecovered: metrics?.ceLossRecovered,
      silentOnHeldOut: metrics?.deadFractionEval,
      ...guessFigures(guesses),
    });
    console.error(JSON.stringify(rows.at(-1)));
  }
  if (!values.json) console.table(rows);
  console.log(JSON.stringify(rows));
}

/** In the order of the forms. */
async function trainTogether(node: ListenedEngine, forms: readonly TrainForm[]) {
  const { engine } = node;
  const runIds: string[] = [];
  for (const form of forms) runIds.push(valueOf(await engine.train.queue(form)).runId);
  const ended = new Set<string>();
  let told = 0;
  node.listen((event) => {
    if (event.kind !== 'run') return;
    const { runId, phase, step } = event.run;
    if (['done', 'failed', 'stopped'].includes(phase.kind)) ended.add(runId);
    if (step < told + 50 && step >= told) return;
    told = step;
    console.error(JSON.stringify({ runId, phase: phase.kind, step }));
  });
  const over = node.waitFor(() => runIds.every((runId) => ended.has(runId)));
  valueOf(await engine.train.playQueue(BUDGET_BYTES));
  await over;
  const saes = await engine.sae.list();
  return runIds.map((runId): SaeFacts | undefined => saes.find((sae) => sae.runId === runId));
}

// npm run bench -- evaluate [--json] [--tokens N] [--probe] [--report FILE.md]
// Evaluates the demo SAE with the demo model in the loop, headless, through the product's own engine. Prints
// the one-page report, or with --json its JSON on one line.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { EVALUATION_BUDGETS } from '../src/core/evaluate/evaluation';
import {
  formatEvaluationReport,
  makeEvaluationReport,
} from '../src/core/evaluate/evaluationReport';
import { startNodeEngine } from '../tests/helpers/engine/nodeEngine';
import { makeNodeParts } from '../tests/helpers/engine/nodeParts';

const REFERENCE_TOKENS = EVALUATION_BUDGETS[2];

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean', default: false },
      tokens: { type: 'string', default: String(REFERENCE_TOKENS) },
      probe: { type: 'boolean', default: false },
      report: { type: 'string' },
    },
  });
  const { engine } = await startNodeEngine(makeNodeParts());
  const opened = await engine.model.open({ kind: 'demo' });
  if (!opened.ok) throw new Error(opened.problem.what);
  const [sae] = await engine.sae.list();
  if (sae === undefined) throw new Error('evaluate: the demo SAE is missing');
  const outcome = await engine.evaluate.run([sae.saeId], {
    tokens: Number(values.tokens),
    probing: values.probe ? { kind: 'demo' } : null,
  });
  if (!outcome.ok) throw new Error(outcome.problem.what);
  const rows = await engine.evaluate.list();
  const failed = rows.find(({ state }) => state.kind === 'failed');
  if (failed?.state.kind === 'failed') throw new Error(failed.state.problem.what);
  const evaluations = rows.flatMap(({ evaluation }) => evaluation ?? []);
  const report = makeEvaluationReport(evaluations, new Date().toISOString());
  const page = formatEvaluationReport(report);
  if (values.report !== undefined) await writeFile(values.report, page);
  console.log(values.json ? JSON.stringify(report) : page);
}

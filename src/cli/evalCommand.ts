// `nanoscope eval`: the figures of SAEs on held-out text, with the model in the loop.
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import type { SaeEvaluation } from '../core/evaluate/evaluation';
import { formatEvaluationReport, makeEvaluationReport } from '../core/evaluate/evaluationReport';
import { ConfigError, invariant } from '../core/errors';
import { checkTopKept } from '../core/statistics/exampleChoice';
import type { SaeFacts } from '../engine/sae/api';
import { checkFits, openSaeFolder, saeFoldersIn } from '../node/saeFolder';
import { ProblemError, valueOf, type Session } from '../engine/session';
import { STATISTICS_TOKENS, TOP_K, writeFeaturePages } from './featurePages';
import { InterruptedError, printJson, refuseInterrupted, untilInterrupted, type CliIo } from './io';
import { groupByModel, openSaes, withSaes, type SaeOptions } from './openSaes';
import { pathOf, required, wholeNumber, type CommonOptions } from './options';
import { createProgress } from './progress';

type EvalOptions = CommonOptions &
  SaeOptions & {
    numTokens: number;
    outputDir?: string;
    generateDashboards?: boolean;
    topK: number;
  };

const EXAMPLES = `
Examples:
  nanoscope eval --sae-path out/layer_2
  nanoscope eval --sae-dir out --num-tokens 100000 --json
  nanoscope eval --sae-path public/demo/sae --checkpoint public/demo --output-dir report
  nanoscope eval --sae-dir out --generate-dashboards --top-k 20 --output-dir report

docs/evaluation.md says what each figure means.`;

export function addEvalCommand(program: Command, io: CliIo): void {
  const command = program
    .command('eval')
    .description('measure SAEs on held-out text')
    .option('--num-tokens <number>', 'held-out tokens to measure on', wholeNumber, 32_768)
    .option('--output-dir <path>', 'also write evaluation.json and evaluation.md there')
    .option(
      '--generate-dashboards',
      'also write every feature as a page, below --output-dir in dashboards/<name of the SAE>',
    )
    .option('--top-k <number>', `of --generate-dashboards: ${TOP_K}`, wholeNumber, 10);
  withSaes(command)
    .addHelpText('after', EXAMPLES)
    .action(async (options: EvalOptions) => {
      const pages = pagesOf(io, options);
      const evaluations = await evaluateAll(io, options, pages);
      const report = makeEvaluationReport(evaluations, new Date().toISOString());
      if (options.outputDir !== undefined) {
        const folder = pathOf(io, options.outputDir);
        await mkdir(folder, { recursive: true });
        await writeFile(join(folder, 'evaluation.json'), `${JSON.stringify(report, null, 2)}\n`);
        await writeFile(join(folder, 'evaluation.md'), formatEvaluationReport(report));
      }
      if (options.json === true) printJson(io, report);
      else io.print(evaluations.map(blockOf).join('\n\n'));
      if (io.interrupt.aborted) {
        throw new InterruptedError('Ended by Ctrl-C: the last measurement told is incomplete.');
      }
    });
}

type WritePages = (session: Session, sae: SaeFacts, folder: string) => Promise<unknown>;

/** What --generate-dashboards does once an SAE was measured; checked before anything is. */
function pagesOf(io: CliIo, options: EvalOptions): WritePages | null {
  const { generateDashboards, outputDir, topK } = options;
  if (generateDashboards !== true) return null;
  const below = pathOf(io, required(outputDir, 'output-dir', ': the dashboards go there'));
  checkTopKept(topK, 'top-k');
  return (session, sae, folder) =>
    writeFeaturePages(io, session, sae, {
      saePath: folder,
      tokens: STATISTICS_TOKENS,
      topK,
      choose: (rows) => rows,
      outputDir: join(below, 'dashboards', basename(folder)),
    });
}

async function evaluateAll(
  io: CliIo,
  options: EvalOptions,
  writePages: WritePages | null,
): Promise<SaeEvaluation[]> {
  const found: SaeEvaluation[] = [];
  for (const [first, ...rest] of await groupByModel(io, await foldersOf(io, options), options)) {
    if (first === undefined) continue;
    if (io.interrupt.aborted && found.length > 0) break;
    const { session, sae, model } = await openSaes(io, first, options);
    const saes = [sae];
    for (const folder of rest) {
      const next = await openSaeFolder(session, folder);
      checkFits(next, model, folder);
      saes.push(next);
    }
    found.push(...(await evaluateIn(io, session, saes, options.numTokens)));
    for (const [i, one] of saes.entries()) {
      if (writePages === null || io.interrupt.aborted) break;
      await writePages(session, one, [first, ...rest][i] ?? first);
    }
    await session.close();
  }
  return found;
}

async function foldersOf(io: CliIo, { saePath, saeDir }: EvalOptions): Promise<string[]> {
  if ((saePath === undefined) === (saeDir === undefined)) {
    throw new ConfigError(
      'sae-path: give --sae-path for one SAE, or --sae-dir for several',
      'saePath',
    );
  }
  return saePath === undefined ? saeFoldersIn(pathOf(io, saeDir ?? '')) : [pathOf(io, saePath)];
}

async function evaluateIn(
  io: CliIo,
  session: Session,
  saes: readonly SaeFacts[],
  tokens: number,
): Promise<SaeEvaluation[]> {
  const { engine, listen } = session;
  const progress = createProgress(io);
  const unlisten = listen((event) => {
    if (event.kind !== 'progress' || event.progress?.kind !== 'evaluation') return;
    const { phase, done, total } = event.progress;
    progress.show(phase, done, total ?? tokens);
  });
  try {
    const ids = [...new Set(saes.map(({ saeId }) => saeId))];
    valueOf(
      await untilInterrupted(io, session, (jobId) =>
        engine.evaluate.run(ids, { tokens, probing: null }, jobId),
      ),
    );
    const rows = await engine.evaluate.list();
    const found = saes.flatMap(({ saeId }) => {
      const row = rows.find((one) => one.saeId === saeId);
      if (row?.state.kind === 'failed') throw new ProblemError(row.state.problem);
      return row?.evaluation ?? [];
    });
    if (found.length === 0) refuseInterrupted(io);
    // What was not reached before Ctrl-C has none.
    invariant(
      io.interrupt.aborted || found.length === saes.length,
      'an evaluation without a result',
    );
    return found;
  } finally {
    unlisten();
    progress.end();
  }
}

/** The block that readers of SAE papers know. */
function blockOf({ sae, model, corpus, isComplete, metrics: m, together }: SaeEvaluation): string {
  const dead = Math.round(m.deadFractionEval * sae.d_sae);
  const recovered = m.ceLossRecovered === null ? '–' : percent(m.ceLossRecovered);
  return `${sae.name}: ${sae.architecture}, d_in ${sae.d_in}, d_sae ${sae.d_sae}, ${sae.hookPoint} of ${model.id}
${m.tokens} held-out tokens of ${corpus.name}${isComplete ? '' : ', ended early'}

Reconstruction quality
  MSE                   ${digits(m.mse)}
  explained variance    ${percent(m.explainedVariance)}
  reconstruction score  ${digits(m.cosine)}   (mean cosine of output and input)
Sparsity
  L0                    ${digits(m.l0)} ± ${digits(m.l0Std)}
  L1                    ${digits(m.l1)}
  dead features         ${dead} of ${sae.d_sae} (${percent(m.deadFractionEval)}), silent on these tokens
The model with the SAE in its place
  CE recovered          ${recovered}   (${digits(m.ceClean)} untouched, ${digits(m.ceWithSae)} with it, ${digits(m.ceAblated)} zeroed, nats)${togetherOf(together)}`;
}

/** Of a transcoder among those of other blocks: the model with all of them in it. */
function togetherOf(together: SaeEvaluation['together']): string {
  if (together === undefined) return '';
  const { saes, metrics: m } = together;
  const recovered = m.ceLossRecovered === null ? '–' : percent(m.ceLossRecovered);
  return `
The model with all ${saes.length} transcoders in their places
  CE recovered          ${recovered}   (${digits(m.ceClean)} untouched, ${digits(m.ceWithSae)} with them, ${digits(m.ceAblated)} zeroed, nats)`;
}

function digits(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function percent(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}

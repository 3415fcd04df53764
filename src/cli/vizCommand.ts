// `nanoscope viz`: features as HTML pages that open offline, the very pages that the app exports, with a page that lists
// them all.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { ConfigError } from '../core/errors';
import type { SaeFacts } from '../engine/sae/api';
import type { LatentRow } from '../engine/statistics/api';
import { emptyPage } from '../node/emptyPage';
import { needStatistics } from '../node/saeStatistics';
import { valueOf, type Session } from '../node/session';
import { makeDashboardPage } from '../ui/explore/export/dashboardPage';
import { makeExplorerPage, type ListedFeature } from '../ui/explore/export/explorerPage';
import { InterruptedError, printJson, untilInterrupted, type CliIo } from './io';
import { openSaes, withSae, type SaeOptions } from './openSaes';
import { pathOf, required, wholeNumber, wholeNumbers, type CommonOptions } from './options';
import { createProgress } from './progress';
import { vizRows } from './vizRows';

type VizOptions = CommonOptions &
  SaeOptions & {
    feature?: number[];
    allFeatures?: boolean;
    topK: number;
    numTokens: number;
    outputDir: string;
    activations?: string;
    tensor?: string;
    rows?: string;
    thumbnails?: string;
  };

/** What a pass over text keeps of the strongest. */
const MOST_EXAMPLES = 20;
const EXPLORER = 'index.html';

const EXAMPLES = `
Examples:
  nanoscope viz --sae-path out/layer_2 --feature 12,40 --output-dir out/html
  nanoscope viz --sae-path out/layer_2 --all-features --top-k 20 --output-dir out/html
  nanoscope viz --sae-path out/layer_6 --activations rows.npy --rows rows.jsonl --thumbnails thumbs.zip --all-features

The first time, the text is read and statistics.bin is written beside the weights; later calls take it from there.`;

export function addVizCommand(program: Command, io: CliIo): void {
  const command = program
    .command('viz')
    .description('write features as HTML pages')
    .option('--feature <numbers>', 'these features', wholeNumbers)
    .option('--all-features', 'every feature')
    .option(
      '--top-k <number>',
      `strongest examples shown, at most ${MOST_EXAMPLES}`,
      wholeNumber,
      10,
    )
    .option(
      '--num-tokens <number>',
      'tokens of text to read for the statistics',
      wholeNumber,
      200_000,
    )
    .option('--output-dir <path>', 'where the pages go', 'out/html')
    .option('--activations <path>', 'over these rows, .npy or .safetensors, without a model')
    .option('--tensor <name>', 'of a .safetensors file with several')
    .option('--rows <path>', 'rows.jsonl: what each row stands for')
    .option('--thumbnails <path>', 'zip or folder of the pictures and clips that --rows names');
  withSae(command)
    .addHelpText('after', EXAMPLES)
    .action(async (options: VizOptions) => {
      const files = await writePages(io, options);
      if (options.json === true) printJson(io, { files });
      else io.print(`${files.length} pages in ${options.outputDir}; begin with ${EXPLORER}`);
      if (io.interrupt.aborted) throw new InterruptedError('Ended by Ctrl-C: pages are missing.');
    });
}

async function writePages(io: CliIo, options: VizOptions): Promise<string[]> {
  const saePath = pathOf(io, required(options.saePath, 'sae-path'));
  const { feature, allFeatures = false, topK } = options;
  if ((feature === undefined) === !allFeatures) {
    throw new ConfigError('feature: give --feature with numbers, or --all-features', 'feature');
  }
  const choose = (rows: readonly LatentRow[]) =>
    feature === undefined ? rows : feature.map((index) => rowOf(rows, index));
  if (topK < 1 || topK > MOST_EXAMPLES) {
    throw new ConfigError(`top-k must be from 1 to ${MOST_EXAMPLES}: ${topK}`, 'topK');
  }
  const { activations } = options;
  if (activations !== undefined) {
    return vizRows(io, {
      ...options,
      saePath,
      activations,
      choose,
      outputDir: pathOf(io, options.outputDir),
    });
  }
  const opened = await openSaes(io, saePath, options);
  const { session } = opened;
  const progress = createProgress(io);
  try {
    const sae = await untilInterrupted(io, session, (jobId) =>
      needStatistics(session, opened.sae, {
        folder: saePath,
        tokens: options.numTokens,
        onProgress: progress.show,
        jobId,
      }),
    );
    const folder = pathOf(io, options.outputDir);
    await mkdir(folder, { recursive: true });
    const rows = valueOf(await session.engine.statistics.rows(sae.saeId));
    const chosen = choose(rows);
    const files: string[] = [];
    const listed: ListedFeature[] = [];
    const labels = await labelsOf(session, sae.saeId);
    for (const [i, row] of chosen.entries()) {
      const name = `feature_${row.latentIndex}.html`;
      await writeFile(join(folder, name), await pageOf(session, sae, row, topK));
      files.push(name);
      listed.push({ row, label: labels.get(row.latentIndex) ?? '', href: name });
      progress.show('Writing pages', i + 1, chosen.length);
      if (io.interrupt.aborted) break;
    }
    const title = `${listed.length} of ${sae.d_sae} features of ${sae.name}`;
    const page = await makeExplorerPage(listed, { title, origin: originOf(sae) }, emptyPage);
    await writeFile(join(folder, EXPLORER), page);
    return [EXPLORER, ...files];
  } finally {
    progress.end();
    await session.close();
  }
}

function rowOf(rows: readonly LatentRow[], index: number): LatentRow {
  const row = rows[index];
  if (row !== undefined) return row;
  throw new ConfigError(
    `feature: ${index} was given, this SAE has 0 to ${rows.length - 1}`,
    'feature',
  );
}

/** Notes, and guesses where there are none. */
async function labelsOf({ engine }: Session, saeId: string): Promise<Map<number, string>> {
  const guesses = (await engine.statistics.labelGuesses(saeId)) ?? [];
  const notes = valueOf(await engine.statistics.notes(saeId));
  return new Map([
    ...guesses.map(({ latentIndex, text }) => [latentIndex, text ?? ''] as const),
    ...notes.map(({ latentIndex, label }) => [latentIndex, label] as const),
  ]);
}

async function pageOf(
  { engine }: Session,
  sae: SaeFacts,
  { latentIndex }: LatentRow,
  topK: number,
) {
  const dashboard = valueOf(await engine.statistics.dashboard(sae.saeId, latentIndex));
  const notes = valueOf(await engine.statistics.notes(sae.saeId));
  const feature = {
    dashboard: { ...dashboard, topExamples: dashboard.topExamples.slice(0, topK) },
    note: notes.find((note) => note.latentIndex === latentIndex),
  };
  const title = `Feature ${latentIndex} of ${sae.name}`;
  return makeDashboardPage([feature], { title, origin: originOf(sae) }, emptyPage);
}

/** As the page's own export tells it. */
function originOf(sae: SaeFacts): string[] {
  const corpus = sae.statisticsCorpus?.name ?? 'the bundled corpus';
  return [
    `SAE ${sae.saeId}, ${sae.hookPoint}, ${sae.d_sae} features`,
    `Statistics over ${sae.statisticsTokens} tokens of ${corpus}.`,
    'Made with nanoscope.',
  ];
}

// `nanoscope viz`: features as HTML pages that open offline, the very pages that the app exports, with a page that lists
// them all.
import type { Command } from 'commander';
import { ConfigError } from '../core/errors';
import { checkTopKept } from '../core/statistics/exampleChoice';
import type { LatentRow } from '../engine/statistics/api';
import { EXPLORER, STATISTICS_TOKENS, TOP_K, writeFeaturePages } from './featurePages';
import { InterruptedError, printJson, type CliIo } from './io';
import { openSaes, withSae, type SaeOptions } from './openSaes';
import { pathOf, required, wholeNumber, wholeNumbers, type CommonOptions } from './options';
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

const EXAMPLES = `
Examples:
  nanoscope viz --sae-path out/layer_2 --feature 12,40 --output-dir out/html
  nanoscope viz --sae-path out/layer_2 --all-features --top-k 20 --output-dir out/html
  nanoscope viz --sae-path out/layer_6 --activations rows.npy --rows rows.jsonl --thumbnails thumbs.zip --all-features

The first time, the text is read and statistics.bin is written beside the weights; later calls take it from there. One that
asks for more examples than were kept reads the same text again.`;

export function addVizCommand(program: Command, io: CliIo): void {
  const command = program
    .command('viz')
    .description('write features as HTML pages')
    .option('--feature <numbers>', 'these features', wholeNumbers)
    .option('--all-features', 'every feature')
    .option('--top-k <number>', TOP_K, wholeNumber, 10)
    .option(
      '--num-tokens <number>',
      'tokens of text to read for the statistics',
      wholeNumber,
      STATISTICS_TOKENS,
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
  checkTopKept(topK, 'top-k');
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
  const { session, sae } = await openSaes(io, saePath, options);
  try {
    const { numTokens: tokens } = options;
    const outputDir = pathOf(io, options.outputDir);
    return await writeFeaturePages(io, session, sae, { saePath, tokens, topK, choose, outputDir });
  } finally {
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

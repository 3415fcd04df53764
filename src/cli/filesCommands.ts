// `nanoscope export`, `import` and `convert`: SAEs and checkpoints as the files of other tools, and back.
import { statSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Option, type Command } from 'commander';
import { WEIGHT_PRECISIONS, type WeightPrecision } from '../core/model/weightPrecision';
import type { SaeFacts } from '../engine/sae/api';
import { formatSparsify } from '../formats/sae/sparsify';
import { exportOnnx } from '../model/exportOnnx';
import { localFile } from '../node/localFiles';
import { writeFilesOf } from '../node/saeFolder';
import { needStatistics } from '../node/saeStatistics';
import { openCheckpoint, valueOf } from '../node/session';
import { openCommandSession, type CliIo } from './io';
import { openSaes, withSae, type OpenedSae, type SaeOptions } from './openSaes';
import {
  pathOf,
  required,
  wholeNumber,
  withCheckpoint,
  withCommon,
  type CheckpointOptions,
  type CommonOptions,
} from './options';
import { createProgress } from './progress';

const FORMATS = ['saelens', 'sparsify', 'saedashboard'] as const;

type ExportOptions = CommonOptions &
  SaeOptions & { format: (typeof FORMATS)[number]; outputDir: string; numTokens: number };

/** SAEDashboard's own batch size. */
const DASHBOARDS_PER_FILE = 128;

export function addExportCommand(program: Command, io: CliIo): void {
  const command = program
    .command('export')
    .description('write an SAE as the files of another tool')
    .addOption(new Option('--format <name>', 'whose files').choices(FORMATS).default('saelens'))
    .option('--num-tokens <number>', 'tokens read for dashboards', wholeNumber, 200_000)
    .requiredOption('--output-dir <path>', 'where they go');
  withSae(command)
    .addHelpText(
      'after',
      `
Examples:
  nanoscope export --sae-path out/layer_2 --output-dir for-saelens
  nanoscope export --sae-path out/layer_2 --format saedashboard --output-dir dashboards`,
    )
    .action(async (options: ExportOptions) => {
      const folder = pathOf(io, required(options.saePath, 'sae-path'));
      const opened = await openSaes(io, folder, options);
      const progress = createProgress(io);
      try {
        tell(
          io,
          options,
          await exportAs(pathOf(io, options.outputDir), opened, options, {
            folder,
            tokens: options.numTokens,
            onProgress: progress.show,
          }),
        );
      } finally {
        progress.end();
        await opened.session.close();
      }
    });
}

type StatisticsRequest = Parameters<typeof needStatistics>[2];

async function exportAs(
  out: string,
  { session, sae }: OpenedSae,
  { format }: ExportOptions,
  request: StatisticsRequest,
): Promise<string[]> {
  switch (format) {
    case 'saelens':
      return writeFilesOf(session, sae.saeId, out);
    case 'sparsify': {
      const params = await session.hosts.library.params(sae.saeId);
      const { hookPoint, modelId } = sae;
      return writeAll(out, formatSparsify(params, { hookPoint, modelId }));
    }
    case 'saedashboard':
      return writeDashboards(out, session, await needStatistics(session, sae, request), request);
    default:
      return format satisfies never;
  }
}

async function writeAll(out: string, files: ReadonlyMap<string, Uint8Array>): Promise<string[]> {
  for (const [name, bytes] of files) {
    await mkdir(dirname(join(out, name)), { recursive: true });
    await writeFile(join(out, name), bytes);
  }
  return [...files.keys()];
}

async function writeDashboards(
  out: string,
  { engine }: OpenedSae['session'],
  { saeId, d_sae }: SaeFacts,
  { onProgress }: StatisticsRequest,
): Promise<string[]> {
  const names: string[] = [];
  await mkdir(out, { recursive: true });
  for (let first = 0; first < d_sae; first += DASHBOARDS_PER_FILE) {
    const count = Math.min(DASHBOARDS_PER_FILE, d_sae - first);
    const latents = Array.from({ length: count }, (_, i) => first + i);
    const blob = valueOf(await engine.statistics.exportDashboards(saeId, latents));
    const name = `batch-${first / DASHBOARDS_PER_FILE}.json`;
    await writeFile(join(out, name), new Uint8Array(await blob.arrayBuffer()));
    names.push(name);
    onProgress('Writing dashboards', first + count, d_sae);
  }
  return names;
}

type ImportOptions = CommonOptions & { outputDir: string };

export function addImportCommand(program: Command, io: CliIo): void {
  const command = program
    .command('import')
    .argument(
      '<path>',
      'a folder or zip of SAELens, sparsify, dictionary_learning, or one .pt of OpenAI’s form',
    )
    .description(
      'take an SAE of another tool, folded and checked, as a folder that the other commands read',
    )
    .requiredOption('--output-dir <path>', 'where its folder goes');
  withCommon(command)
    .addHelpText(
      'after',
      '\nExamples:\n  nanoscope import downloaded/layer_6 --output-dir saes/layer_6',
    )
    .action(async (path: string, options: ImportOptions) => {
      const session = await openCommandSession(io, options);
      const whole = pathOf(io, path);
      const files =
        statSync(whole, { throwIfNoEntry: false })?.isDirectory() === true
          ? await saeFiles(whole)
          : [await localFile(whole)];
      const sae = valueOf(await session.engine.sae.import(files));
      const written = await writeFilesOf(session, sae.saeId, pathOf(io, options.outputDir));
      tell(io, options, written, {
        hookPoint: sae.hookPoint,
        architecture: sae.architecture,
        d_in: sae.d_in,
        d_sae: sae.d_sae,
      });
    });
}

/** The files of one folder, whatever tool wrote them. */
async function saeFiles(folder: string) {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  return Promise.all(names.map((name) => localFile(join(folder, name))));
}

type ConvertOptions = CommonOptions &
  CheckpointOptions & { outputDir: string; precision: WeightPrecision; withHooks?: boolean };

export function addConvertCommand(program: Command, io: CliIo): void {
  const command = program
    .command('convert')
    .description('write a checkpoint as ONNX, for other programs')
    .addOption(
      new Option('--precision <name>', 'of the weights').choices(WEIGHT_PRECISIONS).default('f32'),
    )
    .option('--with-hooks', 'also give every hook point as an output')
    .requiredOption('--output-dir <path>', 'where model.onnx and its weights go');
  withCommon(withCheckpoint(command))
    .addHelpText(
      'after',
      '\nExamples:\n  nanoscope convert --checkpoint public/demo --with-hooks --output-dir onnx',
    )
    .action(async (options: ConvertOptions) => {
      const path = pathOf(io, required(options.checkpoint, 'checkpoint'));
      const session = await openCommandSession(io, options);
      const { step } = options;
      const model = await openCheckpoint(session, { path, ...(step !== undefined && { step }) });
      const out = pathOf(io, options.outputDir);
      await mkdir(out, { recursive: true });
      const made = await exportOnnx(session.hosts.modelHost.current().checkpoint, {
        precision: options.precision,
        hooks: options.withHooks === true ? model.hookPoints : [],
        onProgress: () => undefined,
      });
      await writeFile(join(out, 'model.onnx'), made.model);
      for (const { path: name, data } of made.externalData) await writeFile(join(out, name), data);
      const files = ['model.onnx', ...made.externalData.map(({ path: name }) => name)];
      tell(io, options, files, { inputs: made.inputs, outputs: made.outputs });
    });
}

function tell(
  io: CliIo,
  options: CommonOptions & { outputDir: string },
  files: readonly string[],
  about: Record<string, unknown> = {},
): void {
  if (options.json === true) io.print(JSON.stringify({ files, ...about }, null, 2));
  else io.print(`${files.length} files in ${options.outputDir}`);
}

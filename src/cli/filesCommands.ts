// `nanoscope export`, `import` and `convert`: SAEs and checkpoints as the files of other tools, and back.
import { statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Option, type Command } from 'commander';
import { WEIGHT_PRECISIONS, type WeightPrecision } from '../core/model/weightPrecision';
import { exportOnnx } from '../model/exportOnnx';
import { folderFiles, localFile, writeIn } from '../node/localFiles';
import { statisticsIn, writeFilesOf } from '../node/saeFolder';
import { valueOf } from '../engine/session';
import { writeExport } from '../engine/share/writeExport';
import { needStatistics } from '../engine/statistics/needStatistics';
import { openCheckpoint } from '../node/session';
import { openCommandSession, printJson, untilInterrupted, type CliIo } from './io';
import { openSaes, withSae, type SaeOptions } from './openSaes';
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

/** As one types them; saedashboard is what the engine calls dashboards. */
const FORMATS = ['saelens', 'sparsify', 'saedashboard', 'neuronpedia', 'upload'] as const;

type ExportOptions = CommonOptions &
  SaeOptions & {
    format: (typeof FORMATS)[number];
    outputDir: string;
    numTokens: number;
    modelId?: string;
    sourceSet?: string;
    modelRepo?: string;
    licence?: string;
  };

export function addExportCommand(program: Command, io: CliIo): void {
  const command = program
    .command('export')
    .description('write an SAE as the files of another tool')
    .addOption(new Option('--format <name>', 'whose files').choices(FORMATS).default('saelens'))
    .option('--num-tokens <number>', 'tokens read for dashboards', wholeNumber, 200_000)
    .option(
      '--model-repo <name>',
      'what SAELens loads the model by: a repository or folder of transformers’ form (default: its name)',
    )
    .option('--model-id <name>', 'Neuronpedia’s name of the model (default: made from ours)')
    .option('--source-set <name>', 'Neuronpedia’s name of the set (default: made from the recipe)')
    .option('--licence <name>', 'of the SAE, such as MIT')
    .requiredOption('--output-dir <path>', 'where they go');
  withSae(command)
    .addHelpText(
      'after',
      `
Examples:
  nanoscope export --sae-path out/layer_2 --output-dir for-saelens
  nanoscope export --sae-path out/layer_2 --format neuronpedia --output-dir np

neuronpedia is the layout of its exports, for a local instance or its people; upload is the bodies of its REST interface.
Nothing is sent.`,
    )
    .action(async (options: ExportOptions) => {
      const folder = pathOf(io, required(options.saePath, 'sae-path'));
      const { session, sae } = await openSaes(io, folder, options);
      const { format, modelRepo, modelId, sourceSet, licence } = options;
      const progress = createProgress(io);
      try {
        const isWeights = format === 'saelens' || format === 'sparsify';
        const o = {
          file: statisticsIn(folder),
          tokens: options.numTokens,
          onProgress: progress.show,
        };
        const { saeId } = isWeights
          ? sae
          : await untilInterrupted(io, session, (jobId) =>
              needStatistics(session, sae, { ...o, jobId }),
            );
        const outputDir = pathOf(io, options.outputDir);
        const files = await writeExport(session, {
          write: (path, bytes) => writeIn(outputDir, path, bytes),
          request: {
            saeId,
            format: format === 'saedashboard' ? 'dashboards' : format,
            ...(modelId !== undefined && { modelId }),
            ...(sourceSet !== undefined && { sourceSet }),
            ...(modelRepo !== undefined && { modelRepo }),
            ...(licence !== undefined && { licence }),
          },
          onProgress: progress.show,
          signal: io.interrupt,
        });
        tell(io, options, files);
      } finally {
        progress.end();
        await session.close();
      }
    });
}

type ImportOptions = CommonOptions & { outputDir: string };

export function addImportCommand(program: Command, io: CliIo): void {
  const command = program
    .command('import')
    .argument(
      '<path>',
      'a folder or zip of SAELens, sparsify, dictionary_learning, or one .pt of OpenAI’s form; it may hold several',
    )
    .description(
      'take SAEs of another tool, folded and checked, as folders that the other commands read',
    )
    .requiredOption('--output-dir <path>', 'its folder; of several, where their folders go');
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
          ? await folderFiles(whole, { withSaes: true })
          : [await localFile(whole)];
      const found = valueOf(await session.engine.sae.find(files));
      const out = pathOf(io, options.outputDir);
      const written: string[] = [];
      const saes = [];
      const folders = found.length === 1 ? [''] : folderNames(found.map(({ folder }) => folder));
      for (const [at, { files: own }] of found.entries()) {
        const sae = valueOf(await session.engine.sae.import(own));
        const name = folders[at] ?? '';
        const names = await writeFilesOf(session, sae.saeId, join(out, name));
        written.push(...names.map((file) => join(name, file)));
        const { hookPoint, architecture, d_in, d_sae } = sae;
        saes.push({ folder: name, hookPoint, architecture, d_in, d_sae });
      }
      const [only] = saes;
      tell(io, options, written, saes.length === 1 ? only : { saes });
    });
}

/** Of several SAEs: the way to each, below the folder that holds them all, without what no folder may be called. */
function folderNames(paths: readonly string[]): string[] {
  const tops = new Set(paths.map((path) => path.split('/')[0]));
  const taken = new Set<string>();
  return paths.map((path) => {
    const way = tops.size === 1 ? path.slice(path.indexOf('/') + 1) : path;
    const name = way.replace(/[^\w.-]+/g, '_').replace(/^\.+/, '');
    const free = (n: number): string => {
      const wanted = n === 1 ? name : `${name}_${n}`;
      return wanted === '' || taken.has(wanted) ? free(n + 1) : wanted;
    };
    const chosen = free(1);
    taken.add(chosen);
    return chosen;
  });
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
  if (options.json === true) printJson(io, { files, ...about });
  else io.print(`${files.length} files in ${options.outputDir}`);
}

// `nanoscope train`: SAEs of one or more hook points from one pass over the text, written as folders.
import type { Command } from 'commander';
import {
  hookPoint,
  parseHookPoint,
  type HookPoint,
  type HookSite,
} from '../core/activations/hookPoint';
import { ConfigError } from '../core/errors';
import { usualK } from '../core/sae/usualK';
import type { ModelFacts } from '../engine/model/api';
import type { AdvancedFields, TrainForm } from '../engine/train/api';
import { printJson, type CliIo } from './io';
import {
  number,
  pathOf,
  required,
  wholeNumber,
  wholeNumbers,
  withCheckpoint,
  withCommon,
  words,
  type CheckpointOptions,
  type CommonOptions,
} from './options';
import { trainInFolder, type TrainRequest } from './trainInFolder';
import { architectureOf, trainOnRows } from './trainOnRows';

/** What is trained, wherever it is. */
export type RecipeOptions = CommonOptions &
  CheckpointOptions & {
    layer?: number[];
    hook?: string[];
    expansionFactor: number;
    activation: string;
    k?: number;
    numActivations: number;
    batchSize: number;
    lr?: number;
    l1Coefficient?: number;
    seed: number;
  };

type TrainOptions = RecipeOptions & {
  outputDir: string;
  resume?: boolean;
  overwrite?: boolean;
  activations?: string;
  tensor?: string;
};

const EXAMPLES = `
Examples:
  one layer:            nanoscope train --checkpoint public/demo --layer 2 --output-dir out
  every layer at once:  nanoscope train --checkpoint ~/.cache/nanochat/base_checkpoints/d20 --data fineweb.parquet --output-dir out
  go on after Ctrl-C:   nanoscope train --output-dir out --resume

Each SAE is a folder (out/layer_2) with SAELens' files and config.json, which says how it was made.`;

export function withRecipe(command: Command): Command {
  return command
    .option('--layer <numbers>', 'after which blocks, from 0; none: every one', wholeNumbers)
    .option(
      '--hook <names>',
      'hook points by their TransformerLens names, instead of --layer',
      words,
    )
    .option('--expansion-factor <number>', 'd_sae / d_in', number, 8)
    .option(
      '--activation <name>',
      'topk, batchtopk, matryoshka, relu, gated, jumprelu or transcoder',
      'topk',
    )
    .option('--k <number>', 'features kept per token (default: 32, 16 up to factor 4)', number)
    .option('--num-activations <number>', 'tokens to train on', wholeNumber, 1_000_000)
    .option('--batch-size <number>', 'tokens per step', wholeNumber, 1024)
    .option('--lr <number>', 'peak learning rate (default: by size)', number)
    .option('--l1-coefficient <number>', 'of relu and gated (default: by size)', number)
    .option('--seed <number>', 'equal seeds give equal SAEs', wholeNumber, 0);
}

export function addTrainCommand(program: Command, io: CliIo): void {
  const command = program
    .command('train')
    .description('train SAEs on the activations of a checkpoint');
  withRecipe(command)
    .option('--output-dir <path>', 'where the folders go', 'out')
    .option('--activations <path>', 'train on these rows, .npy or .safetensors, without a model')
    .option('--tensor <name>', 'of a .safetensors file with several')
    .option('--resume', 'go on with the run that was ended in --output-dir')
    .option('--overwrite', 'replace what is in --output-dir');
  withCommon(withCheckpoint(command))
    .addHelpText('after', EXAMPLES)
    .action(async (options: TrainOptions) => {
      const outputDir = pathOf(io, options.outputDir);
      if (options.activations !== undefined) {
        const trained = await trainOnRows(io, {
          ...options,
          outputDir,
          advanced: advancedOf(options),
        });
        if (options.json === true) printJson(io, { saes: [trained] });
        else io.print(`${trained.path}: ${trained.d_sae} features of ${trained.rows} rows`);
        return;
      }
      const { device, threads } = options;
      const common = { outputDir, device, threads, overwrites: options.overwrite === true };
      const trained = await trainInFolder(io, {
        ...common,
        request: options.resume === true ? null : requestOf(io, options),
        formsOf: (model) => formsOf(options, model),
      });
      if (options.json === true) printJson(io, { saes: trained });
      else for (const sae of trained) io.print(`${sae.path}: ${linesOf(sae)}`);
    });
}

function requestOf(io: CliIo, options: TrainOptions): TrainRequest {
  const { step, data, dataField } = options;
  return {
    checkpoint: pathOf(io, required(options.checkpoint, 'checkpoint')),
    step: step ?? null,
    data: data === undefined ? null : pathOf(io, data),
    field: dataField ?? null,
  };
}

export function formsOf(options: RecipeOptions, model: ModelFacts): TrainForm[] {
  const { expansionFactor, numActivations, batchSize, seed } = options;
  const architecture = architectureOf(options.activation);
  const site = architecture === 'transcoder' ? 'ln2.hook_normalized' : 'hook_resid_post';
  return hooksOf(options, model, site).map((hook) => ({
    hookPoint: hook,
    architecture,
    advanced: advancedOf(options),
    expansionFactor,
    k: options.k ?? usualK(expansionFactor),
    tokens: numActivations,
    batchSize,
    seed,
  }));
}

function advancedOf({ lr, l1Coefficient }: RecipeOptions): AdvancedFields {
  return {
    ...(lr !== undefined && { lr }),
    ...(l1Coefficient !== undefined && { l1Coefficient }),
  };
}

function hooksOf({ layer, hook }: RecipeOptions, model: ModelFacts, usual: HookSite): HookPoint[] {
  if (layer !== undefined && hook !== undefined) {
    throw new ConfigError(
      `--layer ${layer.join(',')} and --hook ${hook.join(',')}: give one`,
      'hook',
    );
  }
  if (hook !== undefined) {
    return [...new Set(hook)].map((name) => {
      const { layer: at, site } = parseHookPoint(name);
      return hookPoint(at, site);
    });
  }
  const layers = layer ?? Array.from({ length: model.n_layer }, (_, i) => i);
  const beyond = layers.find((at) => at >= model.n_layer);
  if (beyond !== undefined) {
    throw new ConfigError(
      `layer: ${beyond} was given, ${model.name} has layers 0 to ${model.n_layer - 1}`,
      'layer',
    );
  }
  return [...new Set(layers)].map((at) => hookPoint(at, usual));
}

type Trained = Awaited<ReturnType<typeof trainInFolder>>[number];

function linesOf(sae: Trained): string {
  const share = (value: number | null) => (value === null ? '–' : `${(100 * value).toFixed(1)} %`);
  return (
    `${sae.architecture}, ${sae.d_sae} features at ${sae.hookPoint}, ${sae.tokens} tokens: ` +
    `explained variance ${share(sae.explainedVariance)}, L0 ${sae.l0?.toFixed(1) ?? '–'}, dead ${share(sae.deadFraction)}`
  );
}

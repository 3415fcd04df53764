// `nanoscope handoff`: the runs that `train` would do here, as a folder that other machines train with SAELens.
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { ConfigError } from '../core/errors';
import { valueOf } from '../engine/session';
import { openCheckpoint, openText, textPath } from '../node/session';
import { openCommandSession, printJson, type CliIo } from './io';
import { pathOf, required, wholeNumber, withCheckpoint, withCommon } from './options';
import { formsOf, withRecipe, type RecipeOptions } from './trainCommand';

type HandoffOptions = RecipeOptions & { seeds: number; outputDir: string };

export function addHandoffCommand(program: Command, io: CliIo): void {
  const command = program
    .command('handoff')
    .description(
      'write what other machines need to train SAEs: a script for SAELens, recipe, text',
    );
  withRecipe(command)
    .option(
      '--seeds <number>',
      'SAEs of each hook point, with seeds from --seed on',
      wholeNumber,
      1,
    )
    .requiredOption('--output-dir <path>', 'a new or empty folder');
  withCommon(withCheckpoint(command))
    .addHelpText(
      'after',
      `
Examples:
  every layer:  nanoscope handoff --checkpoint ~/.cache/nanochat/base_checkpoints/d20 --data fineweb.parquet --num-activations 50_000_000 --output-dir elsewhere
  then there:   uv run train_sae.py --nanochat ~/nanochat --checkpoint FOLDER
  and back:     nanoscope import elsewhere/saes --output-dir saes`,
    )
    .action(async (options: HandoffOptions) => {
      const out = pathOf(io, options.outputDir);
      if (existsSync(out) && (await readdir(out)).length > 0) {
        throw new ConfigError(`output-dir: ${options.outputDir} is not empty`, 'outputDir');
      }
      const checkpoint = pathOf(io, required(options.checkpoint, 'checkpoint'));
      const { step, data, dataField } = options;
      const session = await openCommandSession(io, options);
      try {
        const at = { path: checkpoint, ...(step !== undefined && { step }) };
        const model = await openCheckpoint(session, at);
        const text = textPath(data === undefined ? null : pathOf(io, data), checkpoint);
        await openText(session, text, dataField ?? null);
        const forms = formsOf(options, model).map((form) => ({ ...form, seeds: options.seeds }));
        const files = valueOf(await session.engine.train.handoff({ forms, as: 'files' }));
        await mkdir(out, { recursive: true });
        for (const { path, blob } of files) {
          await writeFile(join(out, path), new Uint8Array(await blob.arrayBuffer()));
        }
        const runs = forms.length * options.seeds;
        if (options.json === true) printJson(io, { files: files.map(({ path }) => path), runs });
        else io.print(`${options.outputDir}: ${runs} runs; README.md says how to train them`);
      } finally {
        await session.close();
      }
    });
}

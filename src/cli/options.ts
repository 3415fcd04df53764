// Options that several commands have, and how their values are read. Values are checked for being numbers here, and for
// their bounds where the engine knows them.
import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { ConfigError } from '../core/errors';
import type { MachineChoice } from '../engine/session';
import type { CliIo } from './io';

const MOST_THREADS = 64;

/** 20000, 20_000 or 2e4 */
export function number(text: string): number {
  const value = Number(text.replaceAll('_', ''));
  if (text.trim() === '' || !Number.isFinite(value)) {
    throw new InvalidArgumentError(`expected a number, got ${JSON.stringify(text)}.`);
  }
  return value;
}

export function wholeNumber(text: string): number {
  const value = number(text);
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new InvalidArgumentError(`expected a whole number from 0, got ${JSON.stringify(text)}.`);
  }
  return value;
}

function threadNumber(text: string): number {
  const value = wholeNumber(text);
  if (value >= 1 && value <= MOST_THREADS) return value;
  throw new InvalidArgumentError(`expected 1 to ${MOST_THREADS}, got ${value}.`);
}

/** `2`, `0,3` or the option again */
export function wholeNumbers(text: string, before: number[] = []): number[] {
  return [...before, ...text.split(',').map(wholeNumber)];
}

export function words(text: string, before: string[] = []): string[] {
  return [...before, ...text.split(',').map((word) => word.trim())];
}

export type CommonOptions = { json?: boolean } & MachineChoice;

export function withCommon(command: Command): Command {
  return command
    .option('--json', 'print one JSON object instead of text')
    .addOption(
      new Option('--device <name>', 'auto: the GPU where there is one; cpu: the processor')
        .choices(['auto', 'cpu'])
        .default('auto'),
    )
    .option(
      '--threads <number>',
      'of the processor (default: OMP_NUM_THREADS, else every core, up to 8)',
      threadNumber,
    );
}

export type CheckpointOptions = {
  checkpoint?: string;
  step?: number;
  data?: string;
  dataField?: string;
};

export function withCheckpoint(command: Command): Command {
  return command
    .option('--checkpoint <path>', 'folder of nanochat or transformers files, or model_<step>.pt')
    .option('--step <number>', 'of several checkpoints (default: the latest)', wholeNumber)
    .option(
      '--data <path>',
      'text: .txt, .jsonl, .parquet (default: corpus.jsonl beside the checkpoint)',
    )
    .option('--data-field <name>', 'key of .jsonl, column of .parquet (default: text)');
}

export function pathOf(io: CliIo, path: string): string {
  return resolve(io.cwd, path);
}

/** Throws ConfigError where an option that this call needs is missing. */
export function required<T>(value: T | undefined, option: string, why = ''): T {
  if (value !== undefined) return value;
  throw new ConfigError(`--${option} is missing${why}`, option);
}

/** `--output_dir=x` → `--output-dir=x`; values stay. */
export function kebabFlags(argv: readonly string[]): string[] {
  return argv.map((word) => {
    const [, flag, rest = ''] = /^(--[a-z][a-z0-9_-]*)(=.*)?$/s.exec(word) ?? [];
    return flag === undefined ? word : flag.replaceAll('_', '-') + rest;
  });
}

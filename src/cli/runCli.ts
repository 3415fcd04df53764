// One command line: parsed, run, and turned into an exit code. Knows no command's work.
import { Command, CommanderError } from 'commander';
import { ConfigError, FormatError } from '../core/errors';
import { APP_VERSION } from '../engine/appVersion';
import { CancelledError } from '../engine/problems';
import { UploadError } from '../engine/share/neuronpediaUpload';
import { ProblemError } from '../engine/session';
import { addCircuitCommand } from './circuitCommand';
import { addEvalCommand } from './evalCommand';
import { addConvertCommand, addExportCommand, addImportCommand } from './filesCommands';
import { addHandoffCommand } from './handoffCommand';
import { addInterpretCommand } from './interpretCommand';
import { InterruptedError, type CliIo } from './io';
import { kebabFlags } from './options';
import { addServeCommand } from './serveCommand';
import { addSteerCommand } from './steerCommand';
import { addTrainCommand } from './trainCommand';
import { addUploadCommand } from './uploadCommand';
import { addVizCommand } from './vizCommand';
import { addWatchCommand } from './watchCommand';

/** Done; failed; called wrongly; ended by Ctrl-C, as shells count it. */
const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

const ABOUT = `Sparse autoencoders for nanochat models, without a page: train, measure, look, steer.

Flags may be written --like-this or --like_this.`;

const EXAMPLES = `
Examples:
  nanoscope train --checkpoint public/demo --layer 2 --k 32 --num-activations 200000 --output-dir out
  nanoscope eval --sae-path out/layer_2
  nanoscope viz --sae-path out/layer_2 --all-features --output-dir out/html
  nanoscope serve out
`;

/** Runs one command line (without `node` and the program's name). Resolves with the exit code; never rejects. */
export async function runCli(argv: readonly string[], io: CliIo): Promise<number> {
  const program = new Command('nanoscope')
    .description(ABOUT)
    .version(APP_VERSION)
    .addHelpText('after', EXAMPLES)
    .showHelpAfterError('(nanoscope <command> --help lists the options)');
  addTrainCommand(program, io);
  addEvalCommand(program, io);
  addVizCommand(program, io);
  addInterpretCommand(program, io);
  addSteerCommand(program, io);
  addCircuitCommand(program, io);
  addExportCommand(program, io);
  addImportCommand(program, io);
  addConvertCommand(program, io);
  addUploadCommand(program, io);
  addHandoffCommand(program, io);
  addServeCommand(program, io);
  addWatchCommand(program, io);
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => io.print(text.trimEnd()),
      writeErr: (text) => io.note(text.trimEnd()),
    });
  }
  try {
    await program.parseAsync(kebabFlags(argv), { from: 'user' });
    return EXIT.done;
  } catch (thrown) {
    return told(thrown, io);
  }
}

function told(thrown: unknown, io: CliIo): number {
  // It has told everything itself.
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (thrown instanceof InterruptedError || isOfInterrupt(thrown, io.interrupt)) {
    io.note(thrown instanceof InterruptedError ? thrown.message : 'Ended by Ctrl-C.');
    return EXIT.interrupted;
  }
  io.note(`nanoscope: ${wordsOf(thrown)}`);
  return EXIT.failed;
}

/** What work ends with that was cancelled because of Ctrl-C. */
function isOfInterrupt(thrown: unknown, { aborted, reason }: AbortSignal): boolean {
  const isCancelled = thrown instanceof ProblemError && thrown.problem.kind === 'cancelled';
  return aborted && (isCancelled || thrown instanceof CancelledError || thrown === reason);
}

function wordsOf(thrown: unknown): string {
  if (
    thrown instanceof ProblemError ||
    thrown instanceof ConfigError ||
    thrown instanceof FormatError
  )
    return thrown.message;
  if (thrown instanceof UploadError) return `${thrown.message}\n${thrown.wayOut}`;
  if (thrown instanceof CancelledError) return thrown.message;
  if (thrown instanceof Error && 'code' in thrown) return thrown.message;
  // A mistake of ours: where it happened helps whoever mends it.
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}

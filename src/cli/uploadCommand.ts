// `nanoscope upload`: the bodies of an export to a Neuronpedia, with the user's own key from the environment, after a list
// of what leaves and a yes. What was accepted is noted beside the files, so that a second start goes on.
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { ConfigError } from '../core/errors';
import {
  NEURONPEDIA,
  uploadToNeuronpedia,
  type UploadPlan,
  type UploadState,
} from '../engine/share/neuronpediaUpload';
import { InterruptedError, type CliIo } from './io';
import { pathOf } from './options';

const KEY = 'NEURONPEDIA_API_KEY';
const JOURNAL = 'uploaded.json';

type UploadFlags = { site: string; dryRun?: true; yes?: true };

export function addUploadCommand(program: Command, io: CliIo): void {
  program
    .command('upload')
    .argument('<folder>', 'written by export --format upload')
    .description(`send features to Neuronpedia with your own key, which ${KEY} holds`)
    .option('--site <address>', 'another instance', NEURONPEDIA)
    .option('--dry-run', 'only list what would leave')
    .option('--yes', 'do not ask')
    .addHelpText('after', '\nExamples:\n  nanoscope upload out/upload --dry-run')
    .action(async (folder: string, flags: UploadFlags) => upload(pathOf(io, folder), flags, io));
}

async function upload(folder: string, flags: UploadFlags, io: CliIo): Promise<void> {
  if (!existsSync(folder)) {
    throw new ConfigError(`folder: no such folder: ${folder}`, 'folder');
  }
  const names = (await readdir(folder)).filter((name) => name !== JOURNAL);
  const journal = join(folder, JOURNAL);
  const tell = makeTeller(io);
  try {
    const { plan, sent, alreadyThere } = await uploadToNeuronpedia({
      files: names.map((path) => ({
        path,
        read: async () => new Uint8Array(await readFile(join(folder, path))),
      })),
      site: flags.site,
      apiKey: process.env[KEY] ?? '',
      isDryRun: flags.dryRun === true,
      confirm: (plan) => confirmed(plan, flags, io),
      journal: {
        read: async () =>
          existsSync(journal) ? (JSON.parse(await readFile(journal, 'utf8')) as UploadState) : null,
        write: (state) => writeFile(journal, `${JSON.stringify(state, null, 1)}\n`),
      },
      onProgress: tell,
      signal: io.interrupt,
      fetch,
      now: Date.now,
      wait: async (ms, signal) => {
        await sleep(ms, undefined, signal === undefined ? {} : { signal });
      },
    });
    if (flags.dryRun === true) {
      for (const line of linesOf(plan)) io.print(line);
      io.print('Nothing was sent.');
    } else {
      io.print(`${sent} requests sent, ${alreadyThere} were there already.`);
      io.print(`${plan.site}/${plan.modelId}/${plan.source}`);
    }
  } catch (cause) {
    if (!io.interrupt.aborted) throw cause;
    throw new InterruptedError('Ended. Start the same upload again to go on where it was.');
  }
}

function makeTeller(io: CliIo) {
  let last = -1;
  return ({ done, total, waitingMs }: { done: number; total: number; waitingMs: number }) => {
    if (waitingMs > 0) io.note(`waiting ${Math.ceil(waitingMs / 1000)} s, as the server asks`);
    else if (done !== last) io.note(`${done} of ${total}`);
    last = done;
  };
}

function linesOf(plan: UploadPlan): string[] {
  return [
    `To ${plan.site}, as ${plan.source} of ${plan.modelId}, unlisted:`,
    `  ${plan.features} features with their promoted and suppressed tokens`,
    `  ${plan.texts} pieces of the text that their statistics were counted on`,
    `  ${plan.explanations} explanations: labels that you gave, and guesses`,
    `  ${plan.requests} requests, ${(plan.bytes / 1e6).toFixed(1)} MB, with your key`,
  ];
}

async function confirmed(plan: UploadPlan, { yes }: UploadFlags, io: CliIo): Promise<boolean> {
  for (const line of linesOf(plan)) io.print(line);
  if (yes === true) return true;
  if (io.terminal === null) {
    throw new ConfigError('upload: nobody to ask here; add --yes to send it', 'yes');
  }
  const asking = createInterface({ input: process.stdin, output: io.terminal });
  try {
    return (await asking.question('Send it? (yes) ')).trim().toLowerCase() === 'yes';
  } finally {
    asking.close();
  }
}

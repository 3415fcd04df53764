// `nanoscope watch`: one SAE reads a text at every checkpoint of a nanochat run, and at those that appear.
import { readdirSync, statSync, watch } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { ConfigError } from '../core/errors';
import type { FollowedLatent } from '../core/explore/followedRun';
import type { FollowedRun, FollowedStep, FollowRequest } from '../engine/explore/api';
import type { ModelFile } from '../engine/shared/api';
import { localFile } from '../node/localFiles';
import { openSaeFolder, readSaeOrigin } from '../node/saeFolder';
import { valueOf, type Session } from '../engine/session';
import { tokenizerAmong } from '../engine/model/openModelFiles';
import { checkpointFiles, fileBeside, textPath } from '../node/session';
import {
  InterruptedError,
  openCommandSession,
  printJson,
  untilInterrupted,
  type CliIo,
} from './io';
import { pathOf, required, wholeNumber, withCommon, type CommonOptions } from './options';
import { createProgress } from './progress';
import { extendChain } from './watchChain';

type WatchOptions = CommonOptions & {
  saePath?: string;
  text: string;
  tokenizer?: string;
  once?: boolean;
  topK: number;
  outputDir?: string;
  chain?: boolean;
  data?: string;
  numActivations: number;
};

const REPORT = 'followed.json';
const MODEL = /^model_\d+\.pt$/;
const CHECKPOINT = /^(model|meta)_\d+\.(pt|json)$/;

const EXAMPLES = `
Examples:
  nanoscope watch ~/.cache/nanochat/base_checkpoints/d12 --sae-path out/layer_2 --text "Once upon a time"
  nanoscope watch runs/d4 --sae-path out/layer_2 --text "Once upon a time" --once --json
  nanoscope watch runs/d4 --sae-path out/layer_2 --text "Once upon a time" --chain --data corpus.jsonl --output-dir chain

cosine: how far a feature's activations on the text are, at that checkpoint, those at the last one. A feature is born at
the step from which that stays above 0.5. Give base_train --save-every: it saves at the end only.`;

export function addWatchCommand(program: Command, io: CliIo): void {
  const command = program
    .command('watch')
    .argument('<folder>', 'to which nanochat writes model_<step>.pt')
    .description('read a text with an SAE at every checkpoint of a training run')
    .requiredOption('--text <text>', 'what is read, after <|bos|>; its first 1,000 tokens')
    .option('--sae-path <path>', 'folder of the SAE that reads')
    .option('--tokenizer <path>', 'tokenizer.pkl or .json (default: where nanochat keeps it)')
    .option('--once', 'end when what is there has been read')
    .option('--top-k <number>', 'features told, the strongest at the last step', wholeNumber, 10)
    .option('--chain', 'train one SAE like it a checkpoint, each started from the one before')
    .option('--data <path>', 'text that a chain is trained on')
    .option('--num-activations <number>', 'tokens of it for each SAE', wholeNumber, 200_000)
    .option('--output-dir <path>', `also write ${REPORT} there, anew at every checkpoint`);
  withCommon(command)
    .addHelpText('after', EXAMPLES)
    .action(async (folder: string, options: WatchOptions) => {
      const followed = await follow(io, pathOf(io, folder), options);
      if (options.json === true) printJson(io, followed);
      else io.print(tableOf(followed, options.topK));
    });
}

async function follow(io: CliIo, folder: string, options: WatchOptions): Promise<FollowedRun> {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new ConfigError(`folder: no such folder: ${folder}`, 'folder');
  }
  const saePath = pathOf(io, required(options.saePath, 'sae-path'));
  const tokenizer = await tokenizerFor(io, { folder, saePath, given: options.tokenizer });
  const session = await openCommandSession(io, options);
  const sae = await openSaeFolder(session, saePath);
  const look = async () => {
    const found = await checkpointFiles(folder);
    const files = found.filter((file) => tokenizerAmong([file]) === undefined);
    files.push(fileBeside(folder, tokenizer));
    const { text } = options;
    if (options.chain !== true) return read(io, session, { files, saeId: sae.saeId, text });
    const saeOfStep = await extendChain(io, session, {
      folder,
      files,
      like: sae,
      device: options.device,
      threads: options.threads,
      tokens: options.numActivations,
      tokenizer: options.tokenizer === undefined ? undefined : pathOf(io, options.tokenizer),
      data: textPath(options.data === undefined ? null : pathOf(io, options.data), folder),
      outputDir: pathOf(io, required(options.outputDir, 'output-dir', ': the chain goes there')),
    });
    return read(io, session, { files, saeId: sae.saeId, text, saeOfStep });
  };
  // Begun before the first look, so that nothing that appears meanwhile is missed.
  const news = options.once === true ? null : watchFolder(folder, io.interrupt);
  while (news !== null && !readdirSync(folder).some((name) => MODEL.test(name))) {
    io.note('No checkpoint yet; waiting for the first (Ctrl-C ends it).');
    if (!(await news.next())) throw new InterruptedError('Ended by Ctrl-C: no checkpoint came.');
  }
  // A checkpoint that is being written is news many times.
  const told = new Set<unknown>();
  const tellOnce = (what: unknown, line: string) => {
    if (!told.has(what)) io.note(line);
    told.add(what);
  };
  let followed = await look();
  for (;;) {
    if (options.outputDir !== undefined) await writeReport(pathOf(io, options.outputDir), followed);
    for (const { step, why } of followed.unread) {
      tellOnce(step, `Step ${step} was not read: ${why}`);
    }
    if (news === null) break;
    const read = `${followed.steps.length} checkpoints read`;
    tellOnce(read, `${read}; waiting for the next (Ctrl-C ends it).`);
    if (!(await news.next())) break;
    followed = await look();
  }
  return followed;
}

/** The one named, the run's own, or that of the model on which the SAE was trained. */
async function tokenizerFor(
  io: CliIo,
  o: { folder: string; saePath: string; given: string | undefined },
): Promise<ModelFile> {
  if (o.given !== undefined) return localFile(pathOf(io, o.given));
  const own = tokenizerAmong(await checkpointFiles(o.folder));
  if (own !== undefined) return own;
  const origin = await readSaeOrigin(o.saePath);
  const near =
    origin === null ? undefined : tokenizerAmong(await checkpointFiles(origin.checkpoint));
  if (near !== undefined) return near;
  throw new ConfigError(
    `tokenizer: none in or above ${o.folder}; name tokenizer.pkl or tokenizer.json with --tokenizer`,
    'tokenizer',
  );
}

async function read(io: CliIo, session: Session, request: FollowRequest): Promise<FollowedRun> {
  const progress = createProgress(io);
  const unlisten = session.listen((event) => {
    if (event.kind !== 'progress' || event.progress?.kind !== 'following') return;
    const { phase, done, total } = event.progress;
    progress.show(phase, done, total ?? done);
  });
  try {
    return await untilInterrupted(io, session, async (jobId) =>
      valueOf(await session.engine.explore.follow(request, jobId)),
    );
  } finally {
    unlisten();
    progress.end();
  }
}

async function writeReport(folder: string, followed: FollowedRun): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, REPORT), `${JSON.stringify(followed, null, 1)}\n`);
}

/** next: true once a file of a checkpoint has changed since the last call, false once it ended. */
function watchFolder(folder: string, ended: AbortSignal): { next: () => Promise<boolean> } {
  let isNews = false;
  let wake = () => {
    isNews = true;
  };
  const watcher = watch(folder, { signal: ended }, (_, name) => {
    if (name === null || CHECKPOINT.test(name)) {
      isNews = true;
      wake();
    }
  });
  watcher.on('error', () => wake());
  ended.addEventListener('abort', () => wake());
  return {
    async next() {
      while (!isNews && !ended.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      isNews = false;
      return !ended.aborted;
    },
  };
}

function tableOf({ steps, latents }: FollowedRun, top: number): string {
  const lines = steps.map((step) => lineOf(step, latents));
  const born = latents.slice(0, top).map(latentLine);
  return [
    ...lines,
    '',
    `The ${born.length} strongest features at the last step; cosine with it at each:`,
    ...born,
  ].join('\n');
}

function lineOf({ step, valBpb, fvu, l0 }: FollowedStep, latents: readonly FollowedLatent[]) {
  const born = latents.filter((latent) => latent.born === step).length;
  const loss = valBpb === null ? '' : `val_bpb ${valBpb.toFixed(3)}, `;
  return `step ${step}: ${loss}fvu ${Number(fvu.toPrecision(3))}, L0 ${l0.toFixed(1)}, ${born} features born`;
}

function latentLine({ latentIndex, born, cosines, decoderCosines }: FollowedLatent): string {
  const shown = (values: readonly number[]) => values.map((value) => value.toFixed(2)).join(' ');
  const direction = decoderCosines === null ? '' : `; direction ${shown(decoderCosines)}`;
  return `feature ${latentIndex}: born at ${born ?? '–'}; ${shown(cosines)}${direction}`;
}

// `nanoscope interpret`: what a text makes of a model: its logits and activations as a file, and the features of SAEs.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { formatSafetensors } from '../formats/archives/safetensors';
import { InterpretableModel, type Interpretation } from '../library/interpretableModel';
import { Sae } from '../library/sae';
import { readSaeOrigin, saeFoldersIn } from '../node/saeFolder';
import { printJson, type CliIo } from './io';
import { withSaes, type SaeOptions } from './openSaes';
import { pathOf, required, wholeNumber, type CommonOptions } from './options';

type InterpretOptions = CommonOptions & SaeOptions & { text: string; dump?: string; topK: number };

const EXAMPLES = `
Examples:
  nanoscope interpret --checkpoint public/demo --text "Once upon a time" --dump out.safetensors
  nanoscope interpret --sae-path out/layer_2 --text "Once upon a time" --top-k 3

The dump holds token_ids [T], logits [T, vocab_size] after the soft cap, and every hook point by its TransformerLens
name, blocks.0.hook_resid_pre …, [T, d_model]; F32, token_ids I32. <|bos|> is read first.`;

export function addInterpretCommand(program: Command, io: CliIo): void {
  const command = program
    .command('interpret')
    .description('read a text: logits, activations, active features')
    .requiredOption('--text <text>', 'what the model reads, after <|bos|>')
    .option('--dump <path>', 'write logits and activations there, as .safetensors')
    .option('--top-k <number>', 'features told per token', wholeNumber, 5);
  withSaes(command)
    .addHelpText('after', EXAMPLES)
    .action(async (options: InterpretOptions) => {
      const folders = await foldersOf(io, options);
      const model = await InterpretableModel.open(await checkpointOf(io, options, folders), {
        device: options.device,
        threads: options.threads,
        ...(options.step !== undefined && { step: options.step }),
      });
      try {
        for (const folder of folders) await model.addSae(await Sae.open(folder));
        await interpret(io, model, options);
      } finally {
        await model.dispose();
      }
    });
}

async function interpret(io: CliIo, model: InterpretableModel, options: InterpretOptions) {
  const { saePath, saeDir, topK } = options;
  const read = await model.interpret(options.text);
  if (options.dump !== undefined) await dump(pathOf(io, options.dump), read, model);
  const hasSaes = saePath !== undefined || saeDir !== undefined;
  const features = hasSaes ? await model.activeFeatures({ top: topK }) : [];
  const next = likeliest(read, model, topK);
  const { tokens } = read;
  if (options.json === true) {
    const tokenIds = [...read.tokenIds];
    printJson(io, { model: model.facts.id, tokenIds, tokens, next, features });
    return;
  }
  for (const { sae, hookPoint, perToken } of features) {
    io.print(`${sae}, ${hookPoint}`);
    for (const [i, active] of perToken.entries()) {
      const told = active.map(({ latentIndex, act }) => `${latentIndex} (${act.toPrecision(3)})`);
      io.print(`  ${JSON.stringify(tokens[i])}: ${told.join(', ') || 'none'}`);
    }
  }
  const told = next.map(({ token, logit }) => `${JSON.stringify(token)} ${logit.toFixed(2)}`);
  io.print(`${tokens.length} tokens read; most likely next, by logit: ${told.join(', ')}`);
  if (options.dump !== undefined) io.print(`Written: ${options.dump}`);
}

async function foldersOf(io: CliIo, { saePath, saeDir }: InterpretOptions): Promise<string[]> {
  return [
    ...(saePath === undefined ? [] : [pathOf(io, saePath)]),
    ...(saeDir === undefined ? [] : await saeFoldersIn(pathOf(io, saeDir))),
  ];
}

/** The one that was named, or that of the first SAE. */
async function checkpointOf(io: CliIo, options: InterpretOptions, folders: readonly string[]) {
  if (options.checkpoint !== undefined) return pathOf(io, options.checkpoint);
  const [first] = folders;
  const origin = first === undefined ? null : await readSaeOrigin(first);
  return required(origin?.checkpoint, 'checkpoint', ', and no config.json of an SAE names one');
}

async function dump(path: string, read: Interpretation, { facts }: InterpretableModel) {
  const rows = read.tokenIds.length;
  const tensors = [
    { name: 'token_ids', shape: [rows], data: read.tokenIds },
    { name: 'logits', shape: [rows, read.logits.length / rows], data: read.logits },
    ...[...read.activations].map(([name, data]) => ({ name, shape: [rows, facts.n_embd], data })),
  ];
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, formatSafetensors(tensors, new Map([['model', facts.id]])));
}

/** After the last token. */
function likeliest({ logits, tokenIds }: Interpretation, model: InterpretableModel, count: number) {
  const size = logits.length / tokenIds.length;
  const last = logits.subarray(logits.length - size);
  return [...last.keys()]
    .sort((a, b) => (last[b] ?? 0) - (last[a] ?? 0))
    .slice(0, count)
    .map((id) => ({ tokenId: id, token: model.tokenizer.tokenText(id), logit: last[id] ?? 0 }));
}

// `nanoscope steer`: a text with a feature turned up, down or off, beside the same text without.
import { Option, type Command } from 'commander';
import { addLatent, STEER_MODES, STEER_UNITS, type Steering } from '../core/steer/steering';
import { ConfigError } from '../core/errors';
import type { SaeFacts } from '../engine/sae/api';
import { statisticsIn } from '../node/saeFolder';
import { needStatistics } from '../engine/statistics/needStatistics';
import { valueOf, type Session } from '../engine/session';
import { InterruptedError, printJson, untilInterrupted, type CliIo } from './io';
import { openSaes, withSae, type SaeOptions } from './openSaes';
import { number, pathOf, required, wholeNumber, type CommonOptions } from './options';
import { createProgress } from './progress';

type SteerOptions = CommonOptions &
  SaeOptions & {
    feature: number;
    strength: number;
    mode: (typeof STEER_MODES)[number];
    unit: (typeof STEER_UNITS)[number];
    text: string;
    maxTokens: number;
    temperature: number;
    sampleTopK: number;
    seed: number;
    numTokens: number;
  };

const EXAMPLES = `
Examples:
  turn it up:   nanoscope steer --sae-path out/layer_2 --feature 12 --strength 1.5 --text "Once upon a time"
  switch it off: nanoscope steer --sae-path out/layer_2 --feature 12 --mode scale --strength 0 --text "Once upon a time"

In mode add the strength is a multiple of the feature's largest activation (--unit max), in mode scale a plain factor:
0 is off, 1 as is, 2 doubled.`;

export function addSteerCommand(program: Command, io: CliIo): void {
  const command = program
    .command('steer')
    .description('let the model write with a feature changed')
    .requiredOption('--feature <number>', 'which feature', wholeNumber)
    .requiredOption('--text <text>', 'what the text begins with')
    .option('--strength <number>', 'how much', number, 1)
    .addOption(new Option('--mode <name>', 'what it does').choices(STEER_MODES).default('add'))
    .addOption(new Option('--unit <name>', 'of the strength').choices(STEER_UNITS).default('max'))
    .option('--max-tokens <number>', 'tokens to write', wholeNumber, 60)
    .option('--temperature <number>', '0: always the likeliest token', number, 0.8)
    .option('--sample-top-k <number>', 'choose among the likeliest; 0: all', wholeNumber, 50)
    .option('--seed <number>', 'equal seeds give equal texts', wholeNumber, 0)
    .option('--num-tokens <number>', 'tokens read for the largest activation', wholeNumber, 50_000);
  withSae(command)
    .addHelpText('after', EXAMPLES)
    .action(async (options: SteerOptions) => {
      const folder = pathOf(io, required(options.saePath, 'sae-path'));
      const opened = await openSaes(io, folder, options);
      const { session } = opened;
      const { sae } = opened;
      if (options.feature >= sae.d_sae) {
        throw new ConfigError(
          `feature: ${options.feature} was given, this SAE has 0 to ${sae.d_sae - 1}`,
          'feature',
        );
      }
      const known = await statisticsFor(io, session, sae, { ...options, folder });
      const lanes = await steeredText(io, session, options, steeringOf(known.saeId, options));
      await session.close();
      if (options.json === true) printJson(io, lanes);
      else io.print(`Baseline: ${lanes.baseline}\n\nSteered:  ${lanes.steered}`);
      if (io.interrupt.aborted) throw new InterruptedError('Ended by Ctrl-C: the texts end early.');
    });
}

/** Only a strength in units of the largest activation needs them. */
async function statisticsFor(
  io: CliIo,
  session: Session,
  sae: SaeFacts,
  { folder, mode, unit, numTokens }: SteerOptions & { folder: string },
): Promise<SaeFacts> {
  if (unit !== 'max' || mode === 'scale' || mode === 'ablate') return sae;
  const progress = createProgress(io);
  try {
    const o = { file: statisticsIn(folder), tokens: numTokens, onProgress: progress.show };
    return await untilInterrupted(io, session, (jobId) =>
      needStatistics(session, sae, { ...o, jobId }),
    );
  } finally {
    progress.end();
  }
}

function steeringOf(saeId: string, { feature, strength, mode, unit }: SteerOptions): Steering {
  const steering = addLatent({ saeId, latentIndex: feature, value: strength });
  return { ...steering, slots: steering.slots.map((slot) => ({ ...slot, mode, unit })) };
}

async function steeredText(io: CliIo, session: Session, options: SteerOptions, steer: Steering) {
  const { engine, listen } = session;
  const { text: prompt, maxTokens, temperature, sampleTopK: topK, seed } = options;
  const lanes = { baseline: prompt, steered: prompt };
  const progress = createProgress(io);
  let written = 0;
  const unlisten = listen((event) => {
    if (event.kind !== 'token') return;
    if (!event.token.isSpecial) lanes[event.lane] += event.token.text;
    if (event.lane === 'steered') progress.show('Writing', ++written, maxTokens);
  });
  const ended = new Promise<void>((resolve) => {
    listen((event) => {
      if (event.kind === 'generated') resolve();
    });
  });
  try {
    const request = { prompt, maxTokens, temperature, topK, seed, steer };
    await untilInterrupted(io, session, async (jobId) => {
      valueOf(await engine.steer.generate(jobId, request));
      await ended;
    });
    return lanes;
  } finally {
    unlisten();
    progress.end();
  }
}

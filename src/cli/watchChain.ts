// A chain of SAEs along a model's training: at each checkpoint one is trained that begins with the one before, so that
// a feature keeps its number. Each is a folder, step_<step>, and what is there is not trained again.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../core/errors';
import type { SaeFacts } from '../engine/sae/api';
import type { ModelFile } from '../engine/shared/api';
import { collectActivations, textBatches } from '../library/activationCollector';
import { InterpretableModel } from '../library/interpretableModel';
import { Sae } from '../library/sae';
import { SaeConfig, trainSaeFromActivations } from '../library/train';
import { openSaeFolder } from '../node/saeFolder';
import { ProblemError, valueOf, type MachineChoice, type Session } from '../engine/session';
import { refuseInterrupted, type CliIo } from './io';
import { createProgress } from './progress';

export type ChainRequest = MachineChoice & {
  /** of the run */
  folder: string;
  files: ModelFile[];
  /** whose hook point, size and k they take */
  like: SaeFacts;
  data: string;
  tokens: number;
  tokenizer: string | undefined;
  /** where their folders go */
  outputDir: string;
};

/** Which SAE reads which step. Checkpoints that cannot be read yet are told and left out. */
export async function extendChain(
  io: CliIo,
  session: Session,
  o: ChainRequest,
): Promise<Record<number, string>> {
  if (o.like.architecture !== 'topk') {
    throw new ConfigError(
      `chain: ${o.like.name} is ${o.like.architecture}; a chain is of TopK SAEs`,
      'chain',
    );
  }
  const choices = valueOf(await session.engine.model.inspect(o.files));
  const steps = choices.flatMap(({ step }) => step ?? []).sort((a, b) => a - b);
  const saeOfStep: Record<number, string> = {};
  let before: Sae | null = null;
  for (const step of steps) {
    refuseInterrupted(io);
    const folder = join(o.outputDir, `step_${step}`);
    if (!existsSync(folder)) {
      try {
        await trainLink(io, o, { step, before, folder });
      } catch (cause) {
        if (!(cause instanceof ProblemError) || cause.problem.kind !== 'file') throw cause;
        io.note(`Step ${step} was not read: ${cause.message}`);
        continue;
      }
    }
    before = await Sae.open(folder);
    saeOfStep[step] = (await openSaeFolder(session, folder)).saeId;
  }
  if (before !== null) return saeOfStep;
  throw new ConfigError(
    `chain: none of ${steps.length} checkpoints in ${o.folder} could be read`,
    'chain',
  );
}

async function trainLink(
  io: CliIo,
  { folder: run, like, data, tokens, tokenizer, device, threads }: ChainRequest,
  { step, before, folder }: { step: number; before: Sae | null; folder: string },
): Promise<void> {
  const named = tokenizer === undefined ? {} : { tokenizer };
  const model = await InterpretableModel.open(run, { step, data, device, threads, ...named });
  const progress = createProgress(io);
  try {
    const config = SaeConfig.fromModel(model, {
      hook: like.hookPoint,
      expansionFactor: like.d_sae / like.d_in,
      ...(like.k !== null && { k: like.k }),
      tokens,
      batchSize: Math.min(1024, tokens),
    });
    const label = `Step ${step}`;
    const collected = await collectActivations(model, textBatches(model), {
      hooks: [like.hookPoint],
      maxActivations: tokens,
      onProgress: (rows, most) => {
        progress.show(`${label} reading`, rows, most);
        refuseInterrupted(io);
      },
    });
    const activations = collected.get(like.hookPoint);
    if (activations === undefined) throw new ConfigError(`${like.hookPoint}: not read`, 'hook');
    const sae = await trainSaeFromActivations(activations, config, {
      modelId: model.facts.id,
      device,
      threads,
      signal: io.interrupt,
      ...(before !== null && { startFrom: before }),
      onMetrics: (metrics, total) => progress.show(`${label} training`, metrics.step + 1, total),
    });
    // One that was ended early would pass for a whole link.
    refuseInterrupted(io);
    await sae.save(folder);
  } finally {
    progress.end();
    await model.dispose();
  }
}

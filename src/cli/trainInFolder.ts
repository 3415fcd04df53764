// Runs in an output folder: started or resumed, followed to their ends, each SAE written as soon as it is there. What a
// run needs to go on lies in `.nanoscope` of that folder until all are done.
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { freemem } from 'node:os';
import { join, relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ConfigError, invariant } from '../core/errors';
import type { SaeFacts } from '../engine/sae/api';
import type { ModelFacts } from '../engine/model/api';
import type { RunFacts, TrainForm } from '../engine/train/api';
import { openFolderStorage } from '../node/folderStorage';
import { readSaeOrigin, saeFolderName, writeSaeFolder, type MadeOf } from '../node/saeFolder';
import { ProblemError, valueOf, type MachineChoice, type Session } from '../engine/session';
import { openCheckpoint, openText, textPath } from '../node/session';
import { InterruptedError, openCommandSession, type CliIo } from './io';
import { createProgress, type Progress } from './progress';

/** What runs read. */
export type TrainRequest = {
  checkpoint: string;
  step: number | null;
  /** null: the text beside the checkpoint */
  data: string | null;
  field: string | null;
};

/** An SAE that was written. Fractions are from 0 to 1; l0: mean active features per held-out token. */
export type TrainedSae = Pick<
  SaeFacts,
  | 'hookPoint'
  | 'architecture'
  | 'k'
  | 'd_in'
  | 'd_sae'
  | 'tokens'
  | 'explainedVariance'
  | 'l0'
  | 'deadFraction'
> & { path: string };

const STATE = '.nanoscope';
const REQUEST = 'request.json';
/** Share of the free memory that runs which are trained together may take, and the least. */
const MEMORY = { share: 0.5, least: 2 ** 28 } as const;

type Work = {
  io: CliIo;
  session: Session;
  outputDir: string;
  made: Omit<MadeOf, 'training'>;
  overwrites: boolean;
};

/** request: what to read; null: go on with what was ended. Throws ConfigError, ProblemError, and InterruptedError once
 *  everything is saved. */
export async function trainInFolder(
  io: CliIo,
  o: MachineChoice & {
    outputDir: string;
    overwrites: boolean;
    request: TrainRequest | null;
    formsOf: (model: ModelFacts) => TrainForm[];
  },
): Promise<TrainedSae[]> {
  const { outputDir, overwrites } = o;
  const state = join(outputDir, STATE);
  const request = o.request ?? (await requestIn(io, outputDir));
  const data = textPath(request.data, request.checkpoint);
  if (o.request !== null) await refuseOpenRuns(io, state, overwrites);
  const storage = openFolderStorage(state);
  try {
    const session = await openCommandSession(io, {
      storage,
      device: o.device,
      threads: o.threads,
    });
    const { checkpoint, step, field } = request;
    const model = await openCheckpoint(session, {
      path: checkpoint,
      ...(step !== null && { step }),
    });
    const corpus = await openText(session, data, field);
    const made = { checkpoint, step: model.step, data, model, corpus };
    const work = { io, session, outputDir, made, overwrites };
    if (o.request !== null) {
      await queueAll(work, o.formsOf(model));
      await writeFile(join(state, REQUEST), JSON.stringify(request));
    }
    const trained = await trainAll(work);
    storage.close();
    await rm(state, { recursive: true, force: true });
    await session.close();
    return trained;
  } finally {
    storage.close();
    // Nothing was begun that could be resumed.
    if (!existsSync(join(state, REQUEST))) await rm(state, { recursive: true, force: true });
  }
}

async function requestIn(io: CliIo, outputDir: string): Promise<TrainRequest> {
  const path = join(outputDir, STATE, REQUEST);
  if (existsSync(path)) return JSON.parse(await readFile(path, 'utf8')) as TrainRequest;
  throw new ConfigError(
    `resume: ${shown(io, outputDir)} has no run that was ended; leave --resume out to start one`,
    'resume',
  );
}

async function refuseOpenRuns(io: CliIo, state: string, overwrites: boolean): Promise<void> {
  if (!existsSync(join(state, REQUEST))) return;
  if (!overwrites) {
    throw new ConfigError(
      `output-dir: ${shown(io, join(state, '..'))} has a run that was ended; go on with --resume, or drop it with --overwrite`,
      'outputDir',
    );
  }
  await rm(state, { recursive: true, force: true });
}

/** Refuses folders that hold another SAE before hours are spent. */
async function queueAll({ io, session, outputDir, overwrites }: Work, forms: readonly TrainForm[]) {
  const { engine } = session;
  for (const form of forms) {
    const config = valueOf(await engine.train.check(form));
    const folder = join(outputDir, saeFolderName(form.hookPoint));
    const before = existsSync(folder) ? await readSaeOrigin(folder) : null;
    const isSame = isDeepStrictEqual(before?.training, { ...config });
    if (existsSync(folder) && !isSame && !overwrites) {
      throw new ConfigError(
        `output-dir: ${shown(io, folder)} holds another SAE; give another --output-dir, or replace it with --overwrite`,
        'outputDir',
      );
    }
    valueOf(await engine.train.queue(form));
  }
}

/** Until no run waits or goes on. */
async function trainAll(work: Work): Promise<TrainedSae[]> {
  const { io, session } = work;
  const { train } = session.engine;
  const progress = createProgress(io);
  const written: Promise<TrainedSae>[] = [];
  try {
    for (;;) {
      const runs = await train.list();
      const ended = runs.find(({ phase }) => ['paused', 'notBegun'].includes(phase.kind));
      const isWaiting = runs.some(({ phase }) => phase.kind === 'queued');
      if (ended === undefined && !isWaiting) break;
      const over = followRuns(work, progress, (run) => written.push(keep(work, run)));
      // A failure to start it is told first.
      over.catch(() => undefined);
      if (ended !== undefined) valueOf(await train.resume(ended.runId));
      else valueOf(await train.playQueue(budgetBytes()));
      await over;
    }
  } finally {
    progress.end();
  }
  return Promise.all(written);
}

function budgetBytes(): number {
  return Math.max(MEMORY.least, MEMORY.share * freemem());
}

/** Resolves when the runs that go on have ended, and those that wait behind them. Rejects with what one failed with,
 *  and with InterruptedError once all are saved after Ctrl-C. */
function followRuns(
  { io, session, outputDir }: Work,
  progress: Progress,
  onDone: (run: RunFacts) => void,
): Promise<void> {
  const { engine, listen } = session;
  const runs = new Map<string, RunFacts>();
  return new Promise((resolve, reject) => {
    const pause = () => {
      io.note('Saving a checkpoint (Ctrl-C again: end at once) …');
      void engine.train.pause();
    };
    const settle = (end: () => void) => {
      unlisten();
      io.interrupt.removeEventListener('abort', pause);
      end();
    };
    const unlisten = listen((event) => {
      if (event.kind === 'notice') io.note(event.text);
      if (event.kind === 'problem') io.note(event.problem.what);
      if (event.kind !== 'run') return;
      const { run } = event;
      const isNews = runs.get(run.runId)?.phase.kind !== run.phase.kind;
      runs.set(run.runId, run);
      show(progress, run);
      if (run.phase.kind === 'done' && isNews) onDone(run);
      if (run.phase.kind === 'failed') {
        const { problem } = run.phase;
        settle(() => reject(new ProblemError(problem)));
        return;
      }
      if ([...runs.values()].some(({ phase }) => isGoingOn(phase.kind))) return;
      if (run.phase.kind === 'paused') settle(() => reject(endedEarly(io, run, outputDir)));
      else settle(resolve);
    });
    io.interrupt.addEventListener('abort', pause);
    if (io.interrupt.aborted) pause();
  });
}

function isGoingOn(kind: RunFacts['phase']['kind']): boolean {
  return kind === 'queued' || kind === 'preparing' || kind === 'training';
}

function endedEarly(io: CliIo, run: RunFacts, outputDir: string): Error {
  const goOn = `nanoscope train --output-dir ${shown(io, outputDir)} --resume`;
  const saved =
    run.savedStep === null
      ? 'Nothing was trained yet; its settings are saved.'
      : `Saved at step ${run.savedStep} of ${run.totalSteps}.`;
  // It paused by itself: its loss diverged.
  if (run.warning !== null && !io.interrupt.aborted) return new ProblemError(run.warning);
  return new InterruptedError(`${saved} Go on with: ${goOn}`);
}

function show(progress: Progress, run: RunFacts): void {
  const { phase, config, step, totalSteps, tokensPerSecond } = run;
  if (phase.kind === 'preparing') {
    progress.show(`${config.hookPoint} ${phase.what.toLowerCase()}`, phase.done, phase.total);
  }
  if (phase.kind !== 'training') return;
  const speed = tokensPerSecond === null ? '' : `${Math.round(tokensPerSecond)} tokens/s`;
  progress.show(`${config.hookPoint} training`, step, totalSteps, speed);
}

/** Writes what a finished run made. */
async function keep({ io, session, outputDir, made }: Work, run: RunFacts): Promise<TrainedSae> {
  const { engine } = session;
  const { config, runId } = run;
  const facts = (await engine.sae.list()).find((sae) => sae.runId === runId);
  invariant(facts !== undefined, `${runId} left no SAE`);
  const folder = join(outputDir, saeFolderName(config.hookPoint));
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeSaeFolder(session, facts.saeId, folder, { ...made, training: config });
  const { hookPoint, architecture, k, d_in, d_sae, tokens } = facts;
  const { explainedVariance, l0, deadFraction } = facts;
  const results = { explainedVariance, l0, deadFraction };
  return { path: shown(io, folder), hookPoint, architecture, k, d_in, d_sae, tokens, ...results };
}

/** A path as the user would type it. */
function shown(io: CliIo, path: string): string {
  const from = relative(io.cwd, path);
  return from === '' ? '.' : from.startsWith('..') ? path : from;
}

// Turns any thrown value into a Problem: a sentence and the way out. The only place where error classes
// become text for the page.
import { visibleText } from '../core/text/visibleText';
import { ConfigError, DeviceLostError, FormatError } from '../core/errors';
import { isLoadFailure, LOAD_FAILURE_WAY_OUT } from '../core/loadFailure';
import { ModelError } from '../model/modelErrors';
import { DownloadError } from '../storage/request';
import { StorageDamageError, StorageFullError } from '../storage/storage';
import { UnreadableRecordError } from '../storage/records';
import type { Outcome, Problem } from './shared/api';

/** No GPU device for the SAE kernels: the message is a whole sentence. */
export class NoDeviceError extends Error {
  override readonly name = 'NoDeviceError';
}

/** The GPU refused work without being lost, mostly for lack of memory. */
export class GpuRefusalError extends Error {
  override readonly name = 'GpuRefusalError';
}

/** A loss or parameter became NaN or infinite. */
export class NotFiniteError extends Error {
  override readonly name = 'NotFiniteError';
}

/** The user cancelled the job: there is no problem to show. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError';
}

function problem(kind: Problem['kind'], what: string, wayOut: string, field?: string): Problem {
  // Names of files and what stands in them are other people's: what cannot be seen gets a sign.
  return { kind, what: visibleText(what), wayOut, field: field ?? null };
}

/** What was running says so itself where it stood, with the button that starts it again. */
const DEVICE_LOST_WAY_OUT =
  'Nothing saved is lost. What was using it has stopped: start that again, and the GPU is opened anew. If it happens again, restart the browser.';

/** The next text or reading starts the model on a new device (modelHost.ts). */
const MODEL_LOST_WAY_OUT =
  'What was generated so far is kept. Run it again: the model is loaded again. If it happens again, restart the browser.';

/** ONNX Runtime never asks again in the same worker for a file that did not arrive. */
const RUNTIME_WAY_OUT = 'Check the connection, then reload the page. Saved work is kept.';

export function toProblem(thrown: unknown): Problem {
  if (thrown instanceof ToldError) return thrown.problem;
  const what = thrown instanceof Error ? thrown.message : String(thrown);
  if (thrown instanceof ConfigError) {
    return problem('config', what, 'Change this value and try again.', thrown.field);
  }
  if (thrown instanceof FormatError) {
    return problem('file', what, 'Nothing was loaded; what you had is still open.');
  }
  if (thrown instanceof DownloadError) {
    return problem('network', what, thrown.wayOut ?? 'Check the connection and try again.');
  }
  if (thrown instanceof CancelledError) {
    return problem('cancelled', what, 'Start it again whenever you like.');
  }
  if (thrown instanceof NoDeviceError) {
    return problem('no-device', what, 'The model, the demo SAE and steering work without it.');
  }
  if (thrown instanceof DeviceLostError) return problem('device-lost', what, DEVICE_LOST_WAY_OUT);
  if (thrown instanceof GpuRefusalError) {
    return problem(
      'no-device',
      what,
      'Close other tabs that use the GPU, or choose a smaller expansion factor or batch. Saved work is kept.',
    );
  }
  if (thrown instanceof NotFiniteError) {
    return problem(
      'not-finite',
      what,
      'The last checkpoint is kept. Resume from it with a smaller learning rate, or start with another seed.',
    );
  }
  if (thrown instanceof StorageFullError) {
    return problem(
      'storage-full',
      what,
      'What was stored before is still there. Delete a run, an SAE or a kept model to make room, then try again.',
    );
  }
  if (thrown instanceof StorageDamageError) {
    return problem('file', what, thrown.wayOut ?? 'Make it again; everything else is untouched.');
  }
  if (thrown instanceof UnreadableRecordError) {
    const wayOut =
      'It is listed on this page as unreadable: export it, or delete it there to write a new one.';
    return problem('file', what, wayOut);
  }
  if (thrown instanceof ModelError) return modelProblem(thrown);
  if (isLoadFailure(thrown)) {
    return problem('network', 'A part of nanoscope did not load.', LOAD_FAILURE_WAY_OUT);
  }
  return problem('bug', what, 'This is a bug in nanoscope. Reload the page; saved work is kept.');
}

/** What ended a run, with the way out that it has. savedStep: of its checkpoint; null: it has none to resume from. */
export function runProblem(thrown: unknown, savedStep: number | null): Problem {
  const told = toProblem(thrown);
  const hasCheckpoint = savedStep !== null;
  if (told.kind === 'device-lost') {
    const next = hasCheckpoint
      ? `Press Resume to go on from step ${savedStep}`
      : 'It was not saved yet: press Play to start it anew';
    const wayOut = `${next}. If it happens again, restart the browser or make the SAE smaller.`;
    return { ...told, wayOut };
  }
  if (hasCheckpoint) return told;
  if (thrown instanceof GpuRefusalError) {
    const wayOut =
      'Close other tabs that use the GPU, or choose a smaller expansion factor or batch, then press Play.';
    return { ...told, wayOut };
  }
  if (thrown instanceof NotFiniteError) {
    const wayOut = 'Start anew with a smaller learning rate or another seed.';
    return { ...told, wayOut };
  }
  return told;
}

function modelProblem(error: ModelError): Problem {
  switch (error.problem) {
    case 'device-lost':
      return problem('device-lost', error.message, MODEL_LOST_WAY_OUT);
    case 'context-full':
      return problem('config', error.message, 'Shorten the text.', 'prompt');
    case 'out-of-memory':
      return problem('no-device', error.message, 'Close other tabs that use the GPU, then reload.');
    case 'not-loaded':
      return problem('network', error.message, RUNTIME_WAY_OUT);
    case 'disposed':
    case 'failed':
      return problem('bug', error.message, 'Reload the page; saved work is kept.');
    default:
      return error.problem satisfies never;
  }
}

/** Why a run paused by itself: its loss is far above its usual value (interface.md 2.2, Transport). */
export function divergedProblem(step: number, loss: number, median: number): Problem {
  return problem(
    'not-finite',
    `step ${step}: the loss is ${loss.toPrecision(3)}, more than ten times its median of ${median.toPrecision(3)}`,
    'Resume to continue unchanged, or go back to the last checkpoint at half the learning rate.',
  );
}

/** What a command answered, inside another one: its problem is thrown, and told as it is. */
export function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new ToldError(outcome.problem);
}

class ToldError extends Error {
  override readonly name = 'ToldError';
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.what);
    this.problem = problem;
  }
}

type Throwing = Record<string, (...args: never[]) => unknown>;
/** null where there is nothing to answer. */
type Answer<R> = undefined extends R ? null : R;
type Outcomes<T extends Throwing> = {
  [Name in keyof T]: (
    ...args: Parameters<T[Name]>
  ) => Promise<Outcome<Answer<Awaited<ReturnType<T[Name]>>>>>;
};

/** Functions that throw, as commands that answer. */
export function outcomes<T extends Throwing>(functions: T): Outcomes<T> {
  const commands = Object.entries(functions).map(([name, work]) => [
    name,
    (...args: never[]) => outcome(async () => (await work(...args)) ?? null),
  ]);
  return Object.fromEntries(commands) as Outcomes<T>;
}

/** Functions that have done their work when they return, as commands. */
export function atOnce<T extends Record<string, (...args: never[]) => void>>(
  functions: T,
): { [Name in keyof T]: (...args: Parameters<T[Name]>) => Promise<void> } {
  const commands = Object.entries(functions).map(([name, work]) => [
    name,
    (...args: never[]) => {
      work(...args);
      return Promise.resolve();
    },
  ]);
  return Object.fromEntries(commands) as ReturnType<typeof atOnce<T>>;
}

async function outcome<T>(work: () => Promise<T> | T): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (thrown) {
    return { ok: false, problem: toProblem(thrown) };
  }
}

// What a command is given of the process that it runs in, so that tests run commands in theirs.
import type { JobId } from '../engine/shared/api';
import type { MachineChoice, Session } from '../engine/session';
import { openSession, type SessionOptions } from '../node/session';

export type CliIo = {
  /** results: stdout */
  print: (text: string) => void;
  /** what happens meanwhile, and errors: stderr, one line each */
  note: (line: string) => void;
  /** where a progress bar is drawn; null: plain lines instead */
  terminal: NodeJS.WriteStream | null;
  /** against which relative paths are taken */
  cwd: string;
  /** aborted by the first Ctrl-C */
  interrupt: AbortSignal;
  /** when the engine's events are told; absent: ten times a second */
  schedule?: SessionOptions['schedule'];
};

/** The user ended it; `hint` says how to go on, as a whole sentence. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

/** Between two pieces of work that cannot be ended on their way. Throws InterruptedError after Ctrl-C. */
export function refuseInterrupted({ interrupt }: CliIo): void {
  if (interrupt.aborted) throw new InterruptedError('Ended by Ctrl-C.');
}

/** Runs a command of the engine so that the first Ctrl-C cancels it. One at a time in an engine. */
export async function untilInterrupted<T>(
  io: CliIo,
  { engine }: Session,
  command: (jobId: JobId) => Promise<T>,
): Promise<T> {
  refuseInterrupted(io);
  const cancel = () => void engine.cancel(ONLY_JOB);
  io.interrupt.addEventListener('abort', cancel);
  try {
    return await command(ONLY_JOB);
  } finally {
    io.interrupt.removeEventListener('abort', cancel);
  }
}

const ONLY_JOB: JobId = 1;

/** An engine for a command. */
export function openCommandSession(
  { schedule }: CliIo,
  o: MachineChoice & Pick<SessionOptions, 'storage'>,
): Promise<Session> {
  return openSession({ ...o, ...(schedule !== undefined && { schedule }) });
}

/** One line, so that a script finds it as the last one, whatever npm prints before it. */
export function printJson(io: CliIo, value: unknown): void {
  io.print(JSON.stringify(value));
}

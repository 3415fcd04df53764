// Work that takes a while: each job has an id from its first word to its last, tells how far it is under
// that id, and ends when somebody cancels it. What the work is, is not known here.
import { ConfigError, invariant } from '../core/errors';
import type { EngineEvent } from './api';
import type { EngineParts } from './parts';
import { CancelledError } from './problems';
import type { JobId, JobKind, Progress } from './shared/api';
import type { Turns } from './turns';

type Telling<T> = (phase: string, done: number, total: number | null, unit: Progress['unit']) => T;

/** Tells how far the work is, lets others have their turn, and throws what the job was aborted with. */
export type JobStep = Telling<Promise<void>>;

export type Job = {
  /** aborted with what the job is to throw: CancelledError, or what makes it impossible to go on */
  signal: AbortSignal;
  abort: (reason: Error) => void;
  tell: Telling<void>;
  step: JobStep;
};

export type JobWords = {
  kind: JobKind;
  /** what a cancelled one says */
  cancelled: string;
};

export type Jobs = {
  /** jobId absent: it gets one of the engine's own. */
  run: <T>(words: JobWords, jobId: JobId | undefined, work: (job: Job) => Promise<T>) => Promise<T>;
  /** Aborts that job, if it is going on. */
  cancel: (jobId: JobId) => void;
};

export function makeJobs(o: {
  parts: Pick<EngineParts, 'breathe'>;
  turns: Turns;
  emit: (event: EngineEvent) => void;
}): Jobs {
  const running = new Map<JobId, () => void>();
  /** Counts down: ids from outside are above 0. */
  let lastOwn = 0;
  return {
    async run({ kind, cancelled }, wanted, work) {
      const jobId = wanted ?? --lastOwn;
      invariant(!running.has(jobId), `job ${jobId} is going on`);
      const controller = new AbortController();
      const { signal } = controller;
      const abort = (reason: Error) => {
        controller.abort(reason);
      };
      const told = { progress: false };
      const tell: Job['tell'] = (phase, done, total, unit) => {
        told.progress = true;
        o.emit({ kind: 'progress', jobId, progress: { kind, phase, done, total, unit } });
      };
      const step: JobStep = async (...progress) => {
        tell(...progress);
        await o.parts.breathe();
        await o.turns.waitForIdle();
        signal.throwIfAborted();
      };
      running.set(jobId, () => {
        abort(new CancelledError(cancelled));
      });
      try {
        return await work({ signal, abort, tell, step });
      } catch (cause) {
        // Errors that follow from ending the job must not be reported.
        if (signal.aborted && !(cause instanceof CancelledError)) throw signal.reason;
        throw cause;
      } finally {
        running.delete(jobId);
        if (told.progress) o.emit({ kind: 'progress', jobId, progress: null });
      }
    },
    cancel: (jobId) => running.get(jobId)?.(),
  };
}

/** Jobs of which one at a time goes on. */
export type JobSlot = {
  run: <T>(jobId: JobId | undefined, work: (job: Job) => Promise<T>) => Promise<T>;
  /** Ends the one going on; reason absent: as cancelled. */
  end: (reason?: Error) => void;
};

/** busy: what a second one is told, with ConfigError (of that field), while the first goes on; absent: a
 *  newer one ends the older. */
export function makeJobSlot(
  { jobs }: { jobs: Jobs },
  { busy, field, ...words }: JobWords & { busy?: string; field?: string },
): JobSlot {
  let running: Job | null = null;
  const end = (reason: Error = new CancelledError(words.cancelled)) => running?.abort(reason);
  return {
    end,
    async run(jobId, work) {
      if (running !== null && busy !== undefined) throw new ConfigError(busy, field);
      end();
      return jobs.run(words, jobId, async (job) => {
        running = job;
        try {
          return await work(job);
        } finally {
          if (running === job) running = null;
        }
      });
    },
  };
}

// Long work that gives way: one at a time, with progress on the page, waiting while text streams, ended when it is
// cancelled. It does not know what the work is.
import { ConfigError } from '../core/errors';
import type { Progress } from './shared/api';
import type { EngineHosts } from './hosts';
import { CancelledError } from './problems';

/** Tells how far the work is and gives way. Throws CancelledError once the job is cancelled. */
export type JobStep = (
  phase: string,
  done: number,
  total: number | null,
  unit: Progress['unit'],
) => Promise<void>;

export type BackgroundJob = {
  run: <T>(work: (step: JobStep) => Promise<T>) => Promise<T>;
  cancel: () => void;
};

/** cancelled: what a cancelled one says. busy: what a second one is told, with ConfigError, while the first goes on;
 *  absent: a newer one cancels the older. */
export function makeBackgroundJob(
  { parts, turns, emit }: Pick<EngineHosts, 'parts' | 'turns' | 'emit'>,
  o: { job: Progress['job']; cancelled: string; busy?: string },
): BackgroundJob {
  const { job } = o;
  let running: { isCancelled: boolean } | null = null;
  const cancel = () => {
    if (running !== null) running.isCancelled = true;
  };
  return {
    cancel,
    async run(work) {
      if (running !== null && o.busy !== undefined) throw new ConfigError(o.busy);
      cancel();
      const own = { isCancelled: false };
      running = own;
      const step: JobStep = async (phase, done, total, unit) => {
        emit({ kind: 'progress', job, progress: { job, phase, done, total, unit } });
        await parts.breathe();
        await turns.waitForIdle();
        if (own.isCancelled) throw new CancelledError(o.cancelled);
      };
      try {
        return await work(step);
      } finally {
        if (running === own) {
          running = null;
          emit({ kind: 'progress', job, progress: null });
        }
      }
    },
  };
}

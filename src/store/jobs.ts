// Work that takes a while and that the page asked for: by what it is, so that a button can end it. How far it is, the
// engine tells as events.
import type { EngineApi } from '../engine/api';
import type { JobId, JobKind } from '../engine/shared/api';

/** What a button ends: work of one kind, or whatever fetches from an address. */
type Work = JobKind | 'download';

export type PageJobs = {
  /** start: asks the engine for it, under that id. */
  run: <T>(work: Work, start: (jobId: JobId) => Promise<T>) => Promise<T>;
  /** Ends all of it that goes on. */
  cancel: (work: Work) => Promise<void>;
};

export function makePageJobs(api: Pick<EngineApi, 'cancel'>): PageJobs {
  const running = new Map<JobId, Work>();
  let lastId = 0;
  return {
    async run(work, start) {
      const jobId = ++lastId;
      running.set(jobId, work);
      try {
        return await start(jobId);
      } finally {
        running.delete(jobId);
      }
    },
    async cancel(work) {
      const ids = [...running].filter(([, own]) => own === work).map(([jobId]) => jobId);
      await Promise.all(ids.map((jobId) => api.cancel(jobId)));
    },
  };
}

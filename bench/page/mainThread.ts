// How long the page's main thread was busy without a break: CPU time per task from Chromium's own trace.
// CPU time, not wall time: on a machine whose cores a software GPU keeps busy, a waiting task is not ours.
import type { Browser, Page } from '@playwright/test';

type TraceEvent = {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** wall time, CPU time, µs */
  dur?: number;
  tdur?: number;
  args?: { name?: string };
};

export type LongestTask = { cpuMs: number; wallMs: number };

/** Traces while `work` runs. */
export async function longestMainThreadTask(
  browser: Browser,
  page: Page,
  work: () => Promise<void>,
): Promise<LongestTask> {
  const categories = ['toplevel', 'disabled-by-default-devtools.timeline', '__metadata'];
  await browser.startTracing(page, { categories });
  let trace: Buffer;
  try {
    await work();
  } finally {
    trace = await browser.stopTracing();
  }
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const threads = new Set(
    traceEvents
      .filter((event) => event.name === 'thread_name' && event.args?.name === 'CrRendererMain')
      .map((event) => `${event.pid}/${event.tid}`),
  );
  const tasks = traceEvents.filter(
    (event) =>
      event.name === 'RunTask' && event.ph === 'X' && threads.has(`${event.pid}/${event.tid}`),
  );
  if (tasks.length === 0) throw new Error('the trace holds no task of the main thread');
  return {
    cpuMs: Math.max(...tasks.map((task) => task.tdur ?? 0)) / 1000,
    wallMs: Math.max(...tasks.map((task) => task.dur ?? 0)) / 1000,
  };
}

// Runs the fuzzer in threads of bounded heap and watches them from outside: an endless loop or a heap that
// overflows becomes a finding with its target, seed and number, and the other targets go on.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { build } from 'vite';
import type { Finding, Tally } from './cases';
import { makeTargets } from './targets';

type Job = { target: string; count: number; from: number };
export type WorkerJob = {
  jobs: Job[];
  seed: number;
  /** target, case and a counter of cases, shared with the watchdog */
  current: Int32Array;
};
export type WorkerMessage =
  { kind: 'tally'; tally: Tally } | { kind: 'finding'; finding: Finding } | { kind: 'done' };
export type FuzzReport = { tallies: Tally[]; findings: Finding[] };

/** A case that has not ended after this long never will. */
const WATCHDOG_MS = 300_000;
const HEAP_MB = 768;

export async function fuzz(o: {
  seed: number;
  filesPerTarget: number;
  threads: number;
  only?: { target: string; from: number };
}): Promise<FuzzReport> {
  const names = (await makeTargets()).map(({ name }) => name);
  const script = await bundleWorker();
  const report: FuzzReport = { tallies: [], findings: [] };
  const queue = names
    .filter((name) => o.only === undefined || o.only.target === name)
    .map((target): Job => ({ target, count: o.filesPerTarget, from: o.only?.from ?? 0 }));
  const thread = async () => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      await runJob(script, job, { seed: o.seed, names, report });
    }
  };
  await Promise.all(Array.from({ length: o.threads }, thread));
  report.tallies.sort((a, b) => names.indexOf(a.target) - names.indexOf(b.target));
  return report;
}

/** One thread for one target. Ends with its last case, at its first endless one, or out of memory. */
function runJob(
  script: string,
  job: Job,
  o: { seed: number; names: string[]; report: FuzzReport },
): Promise<void> {
  const current = new Int32Array(new SharedArrayBuffer(12));
  const worker = new Worker(script, {
    workerData: { jobs: [job], seed: o.seed, current } satisfies WorkerJob,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  const found = (what: string) => {
    o.report.findings.push({ target: job.target, seed: o.seed, index: current[1]!, what });
  };
  return new Promise((resolve) => {
    let [seen, since, isDone] = [-1, Date.now(), false];
    const watchdog = setInterval(() => {
      if (current[2] !== seen) [seen, since] = [current[2]!, Date.now()];
      // Nothing was started yet: the thread is still loading.
      else if (seen > 0 && Date.now() - since > WATCHDOG_MS) {
        found(`still busy after ${WATCHDOG_MS} ms`);
        isDone = true;
        void worker.terminate();
      }
    }, 250);
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'tally') o.report.tallies.push(message.tally);
      else if (message.kind === 'finding') o.report.findings.push(message.finding);
      else isDone = true;
    });
    worker.on('error', (error) => {
      isDone = true;
      found(`ended the thread: ${String(error)}`);
    });
    worker.on('exit', (code) => {
      clearInterval(watchdog);
      if (!isDone) found(`ended the thread with code ${code}`);
      resolve();
    });
  });
}

/** Threads load no TypeScript: Vite makes one module of the worker, packages stay where they are. */
async function bundleWorker(): Promise<string> {
  const folder = join('node_modules', '.cache', 'fuzz');
  mkdirSync(folder, { recursive: true });
  await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      ssr: join(import.meta.dirname, 'worker.ts'),
      outDir: folder,
      target: 'node20',
      minify: false,
      rolldownOptions: { output: { entryFileNames: 'worker.mjs' } },
    },
  });
  return join(process.cwd(), folder, 'worker.mjs');
}

/** `fuzz zip: 500 files, 450 refused, 50 read (slowest 3 ms)` */
export function describeTally({ target, files, refused, read, slowest }: Tally): string {
  return `fuzz ${target}: ${files} files, ${refused} refused, ${read} read (slowest ${Math.round(slowest)} ms)`;
}

export function describeFinding({ target, seed, index, what }: Finding): string {
  return `${target}, seed ${seed}, file ${index}: ${what}`;
}

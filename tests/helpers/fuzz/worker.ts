// The thread that reads hostile files: bundled and started by run.ts, which watches it. Everything that a
// reader may break (prototypes, memory, the clock) breaks here.
import { parentPort, workerData } from 'node:worker_threads';
import { fuzzTarget } from './cases';
import { watchAllocations, watchPrototypes } from './guard';
import type { WorkerJob, WorkerMessage } from './run';
import { makeTargets } from './targets';

const { jobs, seed, current } = workerData as WorkerJob;
const send = (message: WorkerMessage) => parentPort?.postMessage(message);
const targets = await makeTargets();
const watch = {
  allocations: watchAllocations(),
  prototypes: watchPrototypes(),
  onCase: (index: number) => {
    Atomics.store(current, 1, index);
    Atomics.add(current, 2, 1);
  },
};
// A promise that a reader dropped: its rejection would end the tab's worker.
process.on('unhandledRejection', (reason) => {
  const [target, index] = [targets[current[0]!]!.name, current[1]!];
  const what = `rejected and nobody listened: ${String(reason)}`;
  send({ kind: 'finding', finding: { target, seed, index, what } });
});
for (const { target: name, count, from } of jobs) {
  const at = targets.findIndex((target) => target.name === name);
  const target = targets[at];
  if (target === undefined) throw new Error(`fuzz: no target ${name}`);
  Atomics.store(current, 0, at);
  const { tally, findings } = await fuzzTarget(target, { seed, count, from }, watch);
  for (const finding of findings) send({ kind: 'finding', finding });
  send({ kind: 'tally', tally });
}
send({ kind: 'done' });

// Threads of the processor's backend in Node.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import source from '../cpu/kernelThread.js?raw';
import type { KernelThread } from '../cpu/kernelThreads';

/** More threads than that have not been measured. */
const MOST = 8;

export function defaultThreads(): number {
  return threadCount(process.env['OMP_NUM_THREADS'], availableParallelism());
}

/** As many as `wanted` says, in the variable by which batch systems share out a machine and which PyTorch heeds; every
 *  core where it says nothing. */
export function threadCount(wanted: string | undefined, cores: number): number {
  const count = Number(wanted);
  return Math.min(MOST, Number.isInteger(count) && count > 0 ? count : cores);
}

/** Messages as a browser's worker gets them. */
const CODE = `
  require('node:worker_threads').parentPort.on('message', (data) => globalThis.onmessage({ data }));
  ${source}
`;

/** It does not keep the process alive. */
export function startNodeThread(): KernelThread {
  const thread = new Worker(CODE, { eval: true });
  thread.unref();
  return thread;
}

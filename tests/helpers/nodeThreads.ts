// Threads of the processor's backend in Node, watched.
import { setImmediate } from 'node:timers/promises';
import type { MailboxLayout, ThreadSource } from '../../src/cpu/kernelThreads';
import { startNodeThread } from '../../src/node/kernelThreads';

type ThreadMessage = { ready: Int32Array; mailbox: SharedArrayBuffer; layout: MailboxLayout };

export type NodeThreads = ThreadSource & {
  /** Until every thread can work on every memory so far: until then the one that asks does their parts. */
  settled: () => Promise<void>;
  /** jobs that the threads have finished */
  jobs: () => number;
};

/** `count` threads besides the one that asks. */
export function nodeThreads(count: number): NodeThreads {
  const ready: Int32Array[] = [];
  const finished: (() => number)[] = [];
  const note = (message: unknown) => {
    const { ready: flag, mailbox, layout } = message as Partial<ThreadMessage>;
    if (flag !== undefined) ready.push(flag);
    if (mailbox === undefined || layout === undefined) return;
    const words = new Int32Array(mailbox);
    finished.push(() => Atomics.load(words, layout.FINISHED));
  };
  return {
    count,
    start: () => {
      const thread = startNodeThread();
      return {
        postMessage: (message) => {
          note(message);
          thread.postMessage(message);
        },
      };
    },
    settled: async () => {
      while (ready.some((flag) => Atomics.load(flag, 0) === 0)) await setImmediate();
    },
    jobs: () => finished.reduce((sum, read) => sum + read(), 0),
  };
}

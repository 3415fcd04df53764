// Threads that call kernels on shared memory beside the one that asks, which waits for them: a step stays one synchronous
// call. What a part of a job computes does not depend on who computes it, so results are the same with any number
// of threads. Knows no SAE. What a thread does is in kernelThread.js.
import { invariant } from '../core/errors';

/** Words of the memory through which a thread is given jobs, of 32 bits each but for the arguments. */
const MAILBOX = {
  /** jobs posted so far, and how many of them are finished */
  POSTED: 0,
  FINISHED: 1,
  /** 1 while the thread waits for POSTED; otherwise a message has to wake it */
  AWAKE: 2,
  /** 1 after a kernel threw */
  FAILED: 3,
  /** three words: which memory, which kernel of it, and how many arguments */
  JOB: 4,
  /** where the arguments begin, counted in 64 bits */
  ARGUMENTS: 8,
} as const;
const MOST_ARGUMENTS = 32;
const MAILBOX_BYTES = 8 * (MAILBOX.ARGUMENTS + MOST_ARGUMENTS);

export type MailboxLayout = typeof MAILBOX;

/** A running kernelThread.js: a browser's worker or a thread of Node. */
export type KernelThread = { postMessage: (message: unknown) => void };

/** How a process starts threads, and how many are worth having beside the one that asks. */
export type ThreadSource = { count: number; start: () => KernelThread };

type SharedMemory = { module: WebAssembly.Module; memory: WebAssembly.Memory };

/** The threads' share in one memory. */
type Membership = {
  /** Calls a kernel once per list of arguments, at most `count` + 1 lists, and returns when all are done. */
  run: (kernel: string, parts: readonly (readonly number[])[]) => void;
  /** The threads let go of the memory. */
  leave: () => void;
};

export type KernelThreads = {
  /** besides the one that asks */
  count: number;
  join: (shared: SharedMemory, own: Readonly<Record<string, unknown>>) => Membership;
};

/** A thread that has not answered for so long is gone. */
const LOST_MS = 120_000;

export function makeKernelThreads({ count, start }: ThreadSource): KernelThreads {
  let threads: Thread[] | null = null;
  let joined = 0;
  return {
    count,
    join: (shared, own) => {
      threads ??= Array.from({ length: count }, () => startThread(start));
      const id = joined++;
      const kernels = Object.keys(own);
      const members = threads.map((thread) => ({
        thread,
        isReady: thread.join(id, shared, kernels),
      }));
      return {
        run: (kernel, parts) => {
          const call = own[kernel] as (...values: readonly number[]) => unknown;
          const index = kernels.indexOf(kernel);
          const waiting: Thread[] = [];
          const rest = parts.slice(0, 1);
          for (const [i, part] of parts.slice(1).entries()) {
            const member = members[i];
            // Until a thread has started, its part is done here.
            if (member === undefined || !member.isReady()) rest.push(part);
            else {
              member.thread.post(id, index, part);
              waiting.push(member.thread);
            }
          }
          for (const part of rest) call(...part);
          for (const thread of waiting) thread.wait();
        },
        leave: () => {
          for (const { thread } of members) thread.leave(id);
        },
      };
    },
  };
}

type Thread = ReturnType<typeof startThread>;

function startThread(start: () => KernelThread) {
  const mailbox = new SharedArrayBuffer(MAILBOX_BYTES);
  const words = new Int32Array(mailbox);
  const numbers = new Float64Array(mailbox);
  const thread = start();
  thread.postMessage({ kind: 'mailbox', mailbox, layout: MAILBOX });
  return {
    /** Returns how to ask whether the thread has made its instance. */
    join: (id: number, { module, memory }: SharedMemory, kernels: readonly string[]) => {
      const ready = new Int32Array(new SharedArrayBuffer(4));
      thread.postMessage({ kind: 'arena', id, module, memory, kernels, ready });
      return () => Atomics.load(ready, 0) === 1;
    },
    leave: (id: number) => thread.postMessage({ kind: 'drop', id }),
    post: (id: number, kernel: number, values: readonly number[]) => {
      words.set([id, kernel, values.length], MAILBOX.JOB);
      numbers.set(values, MAILBOX.ARGUMENTS);
      Atomics.add(words, MAILBOX.POSTED, 1);
      Atomics.notify(words, MAILBOX.POSTED);
      if (Atomics.load(words, MAILBOX.AWAKE) === 0) thread.postMessage({ kind: 'work' });
    },
    wait: () => {
      const posted = Atomics.load(words, MAILBOX.POSTED);
      for (;;) {
        const finished = Atomics.load(words, MAILBOX.FINISHED);
        if (finished === posted) break;
        const how = Atomics.wait(words, MAILBOX.FINISHED, finished, LOST_MS);
        invariant(how !== 'timed-out', 'a thread of the processor’s backend does not answer');
      }
      invariant(Atomics.load(words, MAILBOX.FAILED) === 0, 'a kernel failed on another thread');
    },
  };
}

/** 0 … count in at most `parts` ranges of whole `unit`s, [first, end] each. */
export function rangesOf(count: number, parts: number, unit = 1): [number, number][] {
  const units = Math.ceil(count / unit);
  const ends = Array.from({ length: parts }, (_, i) =>
    Math.min(count, unit * Math.round(((i + 1) * units) / parts)),
  );
  const ranges = ends.map((end, i): [number, number] => [ends[i - 1] ?? 0, end]);
  return ranges.filter(([first, end]) => end > first);
}

// Another thread of the processor's backend: calls kernels on memory that it shares with the backend, for whoever
// posts a job (kernelThreads.ts, which also says what the words of a mailbox are). Plain JavaScript without imports:
// a browser starts it as a worker, Node as text (src/node/kernelThreads.ts).

/** Milliseconds without a job after which it listens for messages again. */
const PATIENCE = 20;

/** @typedef {(...values: number[]) => number | undefined} Kernel */

/** @type {Map<number, Kernel[]>} by arena */
const arenas = new Map();
/** @type {Int32Array} */
let words;
/** @type {Float64Array} */
let numbers;
/** @type {import('./kernelThreads').MailboxLayout} */
let at;
/** jobs seen */
let seen = 0;

globalThis.onmessage = (/** @type {MessageEvent} */ { data }) => {
  switch (data.kind) {
    case 'mailbox':
      words = new Int32Array(data.mailbox);
      numbers = new Float64Array(data.mailbox);
      at = data.layout;
      break;
    case 'arena':
      void join(data);
      break;
    case 'drop':
      arenas.delete(data.id);
      break;
    case 'work':
      work();
      break;
  }
};

/** @param {{ id: number, module: WebAssembly.Module, memory: WebAssembly.Memory, kernels: string[], ready: Int32Array }} o */
async function join({ id, module, memory, kernels, ready }) {
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  arenas.set(
    id,
    kernels.map((name) => /** @type {Kernel} */ (exports[name])),
  );
  Atomics.store(ready, 0, 1);
}

function work() {
  for (;;) {
    Atomics.store(words, at.AWAKE, 1);
    while (Atomics.wait(words, at.POSTED, seen, PATIENCE) !== 'timed-out') serve();
    Atomics.store(words, at.AWAKE, 0);
    // A job that was posted in between was not announced.
    if (Atomics.load(words, at.POSTED) === seen) return;
  }
}

function serve() {
  if (Atomics.load(words, at.POSTED) === seen) return;
  seen++;
  try {
    const [arena = 0, index = 0, count = 0] = words.subarray(at.JOB);
    const kernel = arenas.get(arena)?.[index];
    if (kernel === undefined) throw new Error(`no kernel ${index} of memory ${arena}`);
    kernel(...numbers.subarray(at.ARGUMENTS, at.ARGUMENTS + count));
  } catch {
    Atomics.store(words, at.FAILED, 1);
  }
  Atomics.store(words, at.FINISHED, seen);
  Atomics.notify(words, at.FINISHED);
}

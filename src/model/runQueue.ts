// One call after the other: ONNX Runtime's wasm heap does not survive two calls at once.

export type RunQueue = <T>(run: () => Promise<T>) => Promise<T>;

/** Calls run in the order they are queued; a failed one does not affect the next. */
export function makeRunQueue(): RunQueue {
  let tail: Promise<unknown> = Promise.resolve();
  return <T>(run: () => Promise<T>): Promise<T> => {
    const result = tail.then(run);
    tail = result.catch(() => undefined);
    return result;
  };
}

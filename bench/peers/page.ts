// The page of `npm run bench -- step --peers`: passes requests to the sides' workers.
import type { OpenRequest, SideAnswer, StepsRequest } from './sideWorker';

const workers = new Map<string, Worker>();

/** Called by the bench through the browser. */
async function ask(side: string, request: OpenRequest | StepsRequest): Promise<SideAnswer> {
  const worker =
    workers.get(side) ??
    new Worker(new URL('./sideWorker.ts', import.meta.url), { type: 'module' });
  workers.set(side, worker);
  return new Promise((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<SideAnswer>) => resolve(data);
    worker.onerror = ({ message }) =>
      resolve({ kind: 'failed', why: message || 'its worker failed' });
    worker.postMessage(request);
  });
}

Object.assign(globalThis, { ask });

// Paces the engine of the built page, so that what a test does in mid-stream happens at a known moment on every machine.
// The engine lets messages in between two steps by posting `null` to itself (makeTurn in engine/worker.ts). The gate
// stands in that way, in the worker: closed, the engine comes to rest at its next turn and still hears commands. It knows
// nothing of what the engine does between turns.
import { expect, type Page, type Worker } from '@playwright/test';

export type EngineGate = {
  /** The engine rests from its next turn on. */
  close: () => Promise<void>;
  /** The engine goes on at its own speed. */
  open: () => Promise<void>;
  /** Closes the gate and lets single turns through until `isSo`; returns when the engine rests at its next one. */
  runUntil: (isSo: () => Promise<boolean>) => Promise<void>;
};

type Gated = { gate: { isClosed: boolean; held: (() => void)[] } };

/** For the engine that the page has now: a reload starts another one. */
export async function gateEngine(page: Page): Promise<EngineGate> {
  const worker = await engineWorker(page);
  await worker.evaluate(() => {
    const gate: Gated['gate'] = { isClosed: false, held: [] };
    Object.assign(globalThis, { gate });
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with `this` below
    const original = MessagePort.prototype.postMessage;
    MessagePort.prototype.postMessage = function (message: unknown, transfer?: unknown) {
      const post = () => {
        original.call(this, message, transfer ?? []);
      };
      if (gate.isClosed && message === null) gate.held.push(post);
      else post();
    };
  });
  const close = () =>
    worker.evaluate(() => {
      (globalThis as unknown as Gated).gate.isClosed = true;
    });
  const letOneThrough = () =>
    worker.evaluate(() => {
      (globalThis as unknown as Gated).gate.held.shift()?.();
    });
  return {
    close,
    open: () =>
      worker.evaluate(() => {
        const { gate } = globalThis as unknown as Gated;
        gate.isClosed = false;
        for (const post of gate.held.splice(0)) post();
      }),
    async runUntil(isSo) {
      await close();
      await expect
        .poll(
          async () => {
            if (await isSo()) return true;
            await letOneThrough();
            return false;
          },
          { intervals: [10] },
        )
        .toBe(true);
      await expect.poll(() => worker.evaluate(countHeld)).toBeGreaterThan(0);
    },
  };
}

function countHeld(): number {
  return (globalThis as unknown as Gated).gate.held.length;
}

async function engineWorker(page: Page): Promise<Worker> {
  const isEngine = (worker: Worker) => /\/worker-[^/]*\.js$/.test(worker.url());
  const found = page.workers().find(isEngine);
  return found ?? page.waitForEvent('worker', { predicate: isEngine });
}

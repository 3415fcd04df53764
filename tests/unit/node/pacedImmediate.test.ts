import { expect, test, vi } from 'vitest';
import { openDawn } from '../../../src/node/dawn';
import { isDawns, pacedImmediate } from '../../../src/node/pacedImmediate';

/** Native and without a name, as the functions that Dawn makes. */
function native(run: () => void): () => void {
  return Object.defineProperty(run.bind(null), 'name', { value: '' });
}

/** A clock that stands, and turns and timers that are only noted. */
function world() {
  const state = { ms: 100 };
  const turns: (() => void)[] = [];
  const timers: { run: () => void; milliseconds: number }[] = [];
  const immediate = pacedImmediate({
    inNextTurn: (run, ...args) => turns.push(() => run(...args)),
    later: (run, milliseconds) => timers.push({ run, milliseconds }),
    now: () => state.ms,
  });
  return { state, turns, timers, immediate };
}

test('a wait begins with questions in every turn, and goes on with one a millisecond', () => {
  const { state, turns, timers, immediate } = world();
  let left = 4;
  const ask = () => {
    if (--left > 0) immediate(native(ask));
  };
  immediate(native(ask));
  turns.shift()!();
  expect([turns.length, timers.length]).toEqual([1, 0]);
  state.ms += 0.5;
  turns.shift()!();
  expect(turns).toEqual([]);
  expect(timers.map(({ milliseconds }) => milliseconds)).toEqual([1]);
  timers.shift()!.run();
  expect(timers.map(({ milliseconds }) => milliseconds)).toEqual([1]);
  timers.shift()!.run();
  expect([left, turns.length, timers.length]).toEqual([0, 0, 0]);
  // The next wait is a new one.
  immediate(native(ask));
  expect([turns.length, timers.length]).toEqual([1, 0]);
});

test('a question that throws does not make the next wait a long one', () => {
  const { state, turns, timers, immediate } = world();
  immediate(
    native(() => {
      throw new Error('lost');
    }),
  );
  expect(turns.shift()!).toThrow('lost');
  state.ms += 10;
  immediate(native(() => {}));
  expect([turns.length, timers.length]).toEqual([1, 0]);
});

test('functions of others get their turn and their arguments, however long the wait', () => {
  const { state, turns, timers, immediate } = world();
  const said = vi.fn();
  immediate(
    native(() => {
      state.ms += 10;
      immediate(said, 'a', 1);
    }),
  );
  turns.shift()!();
  expect([turns.length, timers.length]).toEqual([1, 0]);
  turns.shift()!();
  expect(said.mock.calls).toEqual([['a', 1]]);
});

test('Dawn asks by functions that are known as its own', async ({ skip }) => {
  const gpu = await openDawn(['backend=null']);
  if (gpu === null) return skip('the optional package webgpu is not installed');
  const spy = vi.spyOn(globalThis, 'setImmediate');
  try {
    const device = (await (await gpu.requestAdapter())?.requestDevice())!;
    const buffer = device.createBuffer({ label: 'read', size: 4, usage: GPUBufferUsage.MAP_READ });
    await buffer.mapAsync(GPUMapMode.READ);
    device.destroy();
    expect(spy.mock.calls.some(([run]) => isDawns(run))).toBe(true);
  } finally {
    spy.mockRestore();
  }
});

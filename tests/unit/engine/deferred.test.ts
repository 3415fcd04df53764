import { describe, expect, it } from 'vitest';
import { makeDeferral } from '../../../src/engine/deferred';
import { outcomes } from '../../../src/engine/problems';

const LOST = 'Failed to fetch dynamically imported module: http://127.0.0.1/assets/slice.js';

/** A slice of one command, which arrives when it is told to. */
function slowSlice<T extends object>(slice: T) {
  const waiting: { arrive: () => void; fail: () => void }[] = [];
  const load = () =>
    new Promise<T>((resolve, reject) => {
      waiting.push({ arrive: () => resolve(slice), fail: () => reject(new TypeError(LOST)) });
    });
  return { load, waiting };
}

describe('a slice that is loaded when it is first asked', () => {
  const echo = outcomes({ say: (text: string) => `said ${text}` });

  it('is loaded once, and answers in the order it was asked', async () => {
    const slow = slowSlice(echo);
    const slice = makeDeferral().slice(() => slow.load());
    expect(slow.waiting).toHaveLength(0);
    const answers = [slice.say('one'), slice.say('two')];
    slow.waiting[0]?.arrive();
    expect(await Promise.all(answers)).toEqual([
      { ok: true, value: 'said one' },
      { ok: true, value: 'said two' },
    ]);
    await slice.say('three');
    expect(slow.waiting).toHaveLength(1);
  });

  it('answers where it does not arrive, and is asked for again', async () => {
    const slow = slowSlice(echo);
    const slice = makeDeferral().slice(() => slow.load());
    const first = slice.say('one');
    slow.waiting[0]?.fail();
    expect(await first).toMatchObject({ ok: false, problem: { kind: 'network' } });
    const second = slice.say('two');
    slow.waiting[1]?.arrive();
    expect(await second).toEqual({ ok: true, value: 'said two' });
  });

  it('has begun what it was asked once that is settled, so that a cancel finds it', async () => {
    const order: string[] = [];
    const slow = slowSlice(outcomes({ begin: () => void order.push('begun') }));
    const deferral = makeDeferral();
    const working = deferral.slice(() => slow.load()).begin();
    const settled = deferral.settled().then(() => order.push('settled'));
    slow.waiting[0]?.arrive();
    await Promise.all([settled, working]);
    expect(order).toEqual(['begun', 'settled']);
  });
});

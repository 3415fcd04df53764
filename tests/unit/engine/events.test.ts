import { describe, expect, it } from 'vitest';
import type { EngineEvent } from '../../../src/engine/api';
import type { TrainPoint } from '../../../src/engine/train/api';
import { makeEventQueue } from '../../../src/engine/events';
import { makeTurns } from '../../../src/engine/turns';

const point = (step: number): TrainPoint => ({
  step,
  tokens: 0,
  loss: 0,
  l0: 0,
  explainedVariance: 0,
  deadFraction: 0,
  auxLoss: 0,
});

describe('event queue', () => {
  it('delivers in batches, the latest facts once and every point', () => {
    const timers: (() => void)[] = [];
    const delays: number[] = [];
    const queue = makeEventQueue((run, delay) => {
      timers.push(run);
      delays.push(delay);
    });
    const batches: EngineEvent[][] = [];
    queue.subscribe((events) => batches.push(events));
    queue.emit({ kind: 'saes', saes: [] });
    queue.emit({ kind: 'points', runId: 'run-1', points: [point(0)] });
    queue.emit({ kind: 'saes', saes: [] });
    queue.emit({ kind: 'points', runId: 'run-1', points: [point(1)] });
    expect(batches).toEqual([]);
    expect(delays).toEqual([100]);
    timers.forEach((run) => {
      run();
    });
    expect(batches).toHaveLength(1);
    expect(batches[0]!.map((event) => event.kind)).toEqual(['points', 'saes', 'points']);
  });

  it('holds what happened before the page listened', () => {
    const timers: (() => void)[] = [];
    const queue = makeEventQueue((run) => timers.push(run));
    queue.emit({ kind: 'model', model: null });
    timers.splice(0).forEach((run) => {
      run();
    });
    const seen: EngineEvent[] = [];
    queue.subscribe((events) => seen.push(...events));
    timers.forEach((run) => {
      run();
    });
    expect(seen).toEqual([{ kind: 'model', model: null }]);
  });
});

describe('turns', () => {
  it('lets background work wait for the foreground, also when that fails', async () => {
    const turns = makeTurns();
    const order: string[] = [];
    let finish: () => void = () => undefined;
    const text = turns.foreground(async () => {
      await new Promise<void>((resolve) => (finish = resolve));
      order.push('text');
      throw new Error('stopped');
    });
    const step = turns.waitForIdle().then(() => order.push('step'));
    finish();
    await expect(text).rejects.toThrow('stopped');
    await step;
    await turns.waitForIdle();
    expect(order).toEqual(['text', 'step']);
  });
});

import { expect, it } from 'vitest';
import { makePlanCache } from '../../../src/model/planCache';
import { makeRunQueue } from '../../../src/model/runQueue';

function makeLogged(capacity: number) {
  const log: string[] = [];
  const cache = makePlanCache<string>(capacity, (value) => {
    log.push(`free ${value}`);
    return Promise.resolve();
  });
  const take = (key: string) =>
    cache.acquire(key, () => {
      log.push(`make ${key}`);
      return Promise.resolve(key);
    });
  const touch = async (key: string) => (await take(key)).release();
  return { log, cache, take, touch };
}

it('keeps what was used last and frees before it makes', async () => {
  const { log, touch } = makeLogged(2);
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await touch(key);
  expect(log).toEqual(['make a', 'make b', 'free b', 'make c', 'free c', 'make b']);
});

it('makes once for callers at the same time', async () => {
  const { log, touch } = makeLogged(2);
  await Promise.all([touch('a'), touch('a')]);
  expect(log).toEqual(['make a']);
});

it('never frees what is leased, and goes over its capacity rather', async () => {
  const { log, take, touch } = makeLogged(1);
  const held = await take('a');
  await touch('b');
  await touch('c');
  expect(log).toEqual(['make a', 'make b', 'free b', 'make c']);
  held.release();
  held.release();
  await touch('d');
  expect(log.slice(4).sort()).toEqual(['free a', 'free c', 'make d']);
});

it('does not keep a failure', async () => {
  const { cache, touch, log } = makeLogged(2);
  await expect(cache.acquire('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await touch('a');
  expect(log).toEqual(['make a']);
});

it('frees everything on dispose', async () => {
  const { cache, take, touch, log } = makeLogged(3);
  await touch('a');
  await take('b');
  await cache.dispose();
  expect(log.filter((line) => line.startsWith('free'))).toEqual(['free a', 'free b']);
});

it('the run queue keeps order, one at a time, over a failure', async () => {
  const enqueue = makeRunQueue();
  const log: string[] = [];
  let running = 0;
  const job = (name: string, fails = false) =>
    enqueue(async () => {
      expect(++running).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      log.push(name);
      if (fails) throw new Error(name);
      return name;
    });
  const results = await Promise.allSettled([job('a'), job('b', true), job('c')]);
  expect(results.map((r) => r.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(log).toEqual(['a', 'b', 'c']);
});

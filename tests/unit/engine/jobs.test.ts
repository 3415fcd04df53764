// Work with an id: followed, ended and begun anew by it; what the work is does not matter.
import { describe, expect, it } from 'vitest';
import type { EngineEvent } from '../../../src/engine/api';
import { makeJobs, makeJobSlot, type Job } from '../../../src/engine/jobs';
import { DeviceLostError } from '../../../src/core/errors';
import { CancelledError } from '../../../src/engine/problems';
import { makeTurns } from '../../../src/engine/turns';

const WORDS = { kind: 'map', cancelled: 'The map was cancelled.' } as const;

function makeHost() {
  const events: EngineEvent[] = [];
  const turns = makeTurns();
  const jobs = makeJobs({
    parts: { breathe: () => new Promise((resolve) => setImmediate(resolve)) },
    turns,
    emit: (event) => void events.push(event),
  });
  return { jobs, turns, events };
}

/** Goes on until it is ended. */
async function endless({ step }: Job): Promise<never> {
  for (let done = 0; ; done++) await step('going on', done, null, 'steps');
}

describe('a job', () => {
  it('tells how far it is under its id, and that it has ended', async () => {
    const { jobs, events } = makeHost();
    const made = jobs.run(WORDS, 4, async ({ step }) => {
      await step('halfway', 1, 2, 'steps');
      return 'made';
    });
    expect(await made).toBe('made');
    const progress = { kind: 'map', phase: 'halfway', done: 1, total: 2, unit: 'steps' };
    expect(events).toEqual([
      { kind: 'progress', jobId: 4, progress },
      { kind: 'progress', jobId: 4, progress: null },
    ]);
  });

  it('ends by its id, says that it was cancelled, and another may have the id', async () => {
    const { jobs } = makeHost();
    const [one, other] = [jobs.run(WORDS, 1, endless), jobs.run(WORDS, 2, endless)];
    jobs.cancel(1);
    await expect(one).rejects.toThrow(new CancelledError('The map was cancelled.'));
    expect(await jobs.run(WORDS, 1, () => Promise.resolve('made'))).toBe('made');
    jobs.cancel(2);
    await expect(other).rejects.toThrow(CancelledError);
    // Nobody has these any more.
    jobs.cancel(1);
    jobs.cancel(77);
  });

  it('has an id of its own where it was given none, unlike any from outside', async () => {
    const { jobs, events } = makeHost();
    const tell = ({ step }: Job) => step('going on', 0, null, 'steps');
    await Promise.all([jobs.run(WORDS, undefined, tell), jobs.run(WORDS, undefined, tell)]);
    const ids = new Set(events.map((event) => (event.kind === 'progress' ? event.jobId : 0)));
    expect([...ids].sort()).toEqual([-1, -2]);
  });

  it('waits while text streams', async () => {
    const { jobs, turns } = makeHost();
    let endText: () => void = () => undefined;
    const text = turns.foreground(() => new Promise<void>((resolve) => (endText = resolve)));
    let steps = 0;
    const job = jobs.run(WORDS, 1, async ({ step }) => {
      await step('going on', 0, null, 'steps');
      steps++;
    });
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(steps).toBe(0);
    endText();
    await Promise.all([text, job]);
    expect(steps).toBe(1);
  });

  it('says why it had to end, not what broke because of it', async () => {
    const { jobs } = makeHost();
    const lost = jobs.run(WORDS, 1, ({ abort }) => {
      abort(new DeviceLostError('The GPU device was lost.'));
      return Promise.reject(new Error('a buffer is gone'));
    });
    await expect(lost).rejects.toThrow(DeviceLostError);
  });
});

describe('a slot', () => {
  it('refuses a second job while the first goes on, in the words of its field', async () => {
    const { jobs } = makeHost();
    const slot = makeJobSlot({ jobs }, { ...WORDS, busy: 'Cancel the map first.', field: 'map' });
    const first = slot.run(1, endless);
    await expect(slot.run(2, endless)).rejects.toMatchObject({
      message: 'Cancel the map first.',
      field: 'map',
    });
    jobs.cancel(1);
    await expect(first).rejects.toThrow(CancelledError);
    expect(await slot.run(3, () => Promise.resolve('made'))).toBe('made');
  });

  it('ends the older job for a newer one, where it does not refuse', async () => {
    const { jobs } = makeHost();
    const slot = makeJobSlot({ jobs }, WORDS);
    const older = slot.run(1, endless);
    const newer = slot.run(2, () => Promise.resolve('made'));
    await expect(older).rejects.toThrow(CancelledError);
    expect(await newer).toBe('made');
  });

  it('ends what goes on in it, for the reason given', async () => {
    const { jobs } = makeHost();
    const slot = makeJobSlot({ jobs }, WORDS);
    const job = slot.run(1, endless);
    slot.end(new DeviceLostError('The GPU device was lost.'));
    await expect(job).rejects.toThrow(DeviceLostError);
    slot.end();
  });
});

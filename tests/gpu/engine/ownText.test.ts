// A user's own text in the whole engine: opened, trained on, bound to its run, named in what comes of it.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Outcome } from '../../../src/engine/shared/api';
import type { CorpusFacts } from '../../../src/engine/text/api';
import type { RunFacts, TrainForm } from '../../../src/engine/train/api';
import { DEMO_CORPUS } from '../../../src/engine/text/corpusHost';
import { createMemoryStorage } from '../../../src/storage/memoryStorage';
import type { Storage } from '../../../src/storage/storage';
import { startNodeEngine, type ListenedEngine } from '../../helpers/engine/nodeEngine';
import { makeNodeParts } from '../../helpers/engine/nodeParts';
import { borrowDevice } from '../../helpers/device/sharedGpu';

const FORM: TrainForm = {
  hookPoint: 'blocks.1.hook_resid_post',
  expansionFactor: 1,
  k: 8,
  tokens: 2048,
  batchSize: 128,
  seed: 3,
};
const TEXT = Array.from(
  { length: 700 },
  (_, i) => `Line ${i}: the ship sailed past island number ${(i * 7919) % 997} at dawn.\n`,
).join('');

function valueOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`${outcome.problem.what} ${outcome.problem.wayOut}`);
  return outcome.value;
}

async function openDemo(storage: Storage): Promise<ListenedEngine> {
  const listened = await startNodeEngine(makeNodeParts({ storage, openDevice: borrowDevice }));
  valueOf(await listened.engine.model.open({ kind: 'demo' }));
  return listened;
}

const storage = createMemoryStorage();
let first: ListenedEngine;
let pasted: CorpusFacts;
let stopped: RunFacts;

beforeAll(async () => {
  first = await openDemo(storage);
  pasted = valueOf(await first.engine.text.open({ kind: 'paste', text: TEXT }));
  const { runId } = valueOf(await first.engine.train.start(FORM));
  await first.waitForRun((run) => run.phase.kind === 'training' && run.step >= 2);
  const paused = first.waitForRun((run) => run.phase.kind === 'paused');
  await first.engine.train.pause();
  await paused;
  const refused = await first.engine.text.open({ kind: 'demo' });
  expect(refused).toMatchObject({ ok: false, problem: { field: 'run' } });
  const over = first.waitForRun((run) => ['stopped', 'failed'].includes(run.phase.kind));
  await first.engine.train.stop();
  stopped = await over;
  expect(stopped).toMatchObject({ runId, phase: { kind: 'stopped' }, corpusId: pasted.id });
});

describe('an own text', () => {
  it('tells what it is, with its tokens', () => {
    expect(pasted).toMatchObject({ name: 'pasted', isDemo: false, characters: TEXT.length });
    expect(pasted.documents).toBeGreaterThan(5);
    expect(pasted.sample.startsWith('Line 0: the ship')).toBe(true);
    expect(pasted.tokens).toBeGreaterThan(TEXT.length / 6);
    expect(first.events.find((event) => event.kind === 'corpus')).toEqual({
      kind: 'corpus',
      corpus: DEMO_CORPUS,
    });
    const told = first.events.filter((event) => event.kind === 'corpus').at(-1);
    expect(told).toEqual({ kind: 'corpus', corpus: pasted });
  });

  it('is named in the SAE and its statistics', async () => {
    const { engine } = first;
    const sae = (await engine.sae.list()).find(({ origin }) => origin === 'trained');
    expect(sae?.trainingCorpus).toEqual({ name: 'pasted', isDemo: false });
    const facts = valueOf(await engine.statistics.compute(sae!.saeId, 2000));
    expect(facts.statisticsCorpus).toEqual({ name: 'pasted', isDemo: false });
  });

  it('stays open when the next one cannot be read or is too short', async () => {
    const { engine } = first;
    const files = [{ path: 'a.jsonl', blob: new Blob(['{"body":"x"}']) }];
    const wrong = await engine.text.open({ kind: 'files', files });
    expect(wrong).toMatchObject({ ok: false, problem: { kind: 'file' } });
    expect(wrong.ok ? '' : wrong.problem.what).toContain('(its keys: "body")');
    expect(await engine.text.open({ kind: 'files', files, field: 'body' })).toMatchObject({
      ok: true,
      value: { name: 'a.jsonl', documents: 1, tokens: 2 },
    });
    const short = await engine.train.start(FORM);
    expect(short).toMatchObject({ ok: false, problem: { kind: 'config', field: 'corpus' } });
  });
});

describe('its run', () => {
  it('goes on in another tab only where the same text is open', async () => {
    // Stopped runs go on as paused ones do: what is asked here is which text is open.
    const { engine, waitForRun } = await openDemo(storage);
    const refused = await engine.train.resume(stopped.runId);
    expect(refused).toMatchObject({ ok: false, problem: { kind: 'config', field: 'corpus' } });
    expect(refused.ok ? '' : refused.problem.what).toBe(
      `${stopped.runId} was trained on the text ${pasted.id}, and the bundled corpus is open. Open that text again, then resume.`,
    );
    const files = [{ path: 'same.txt', blob: new Blob([TEXT]) }];
    const again = valueOf(await engine.text.open({ kind: 'files', files }));
    expect(again.id).toBe(`same.txt~${pasted.id.split('~')[1]}`);
    const over = waitForRun((run) => ['done', 'failed'].includes(run.phase.kind));
    valueOf(await engine.train.resume(stopped.runId));
    const done = await over;
    expect(done.phase).toEqual({ kind: 'done' });
    expect(done.corpusId).toBe(pasted.id);
  });
});

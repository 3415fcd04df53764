// Latents of a run that is going on, through the engine: samples only while somebody asks, at most every two
// seconds of the clock, with no effect on the run's numbers.
import { readFile } from 'node:fs/promises';
import { beforeAll, expect, it } from 'vitest';
import type { Outcome } from '../../../src/engine/shared/api';
import type { MomentLogits } from '../../../src/engine/sae/api';
import type { LiveTiles, RunFacts, TrainForm } from '../../../src/engine/train/api';
import { startNodeEngine } from '../../helpers/engine/nodeEngine';
import { createShortDemo, makeNodeParts } from '../../helpers/engine/nodeParts';
import { borrowDevice } from '../../helpers/device/sharedGpu';

const FORM: TrainForm = {
  hookPoint: 'blocks.1.hook_resid_post',
  expansionFactor: 1,
  k: 8,
  tokens: 2048,
  batchSize: 128,
  seed: 3,
  // Two fills of the ring; the product's own would capture 131,072 tokens first.
  advanced: { ringRows: 1024 },
};
/** Milliseconds that the test's clock moves each time the run gives others a turn. */
const TURN = 250;

function valueOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`${outcome.problem.what} ${outcome.problem.wayOut}`);
  return outcome.value;
}

const isOver = (run: RunFacts) => ['done', 'failed', 'stopped'].includes(run.phase.kind);

/** An engine whose clock the test moves, and what left the GPU as sparse code of training. */
async function open() {
  const seen = { clock: 0, reads: 0, bytes: 0, onTurn: () => Promise.resolve() };
  const openDevice = async () => {
    const result = await borrowDevice();
    if (!result.ok) return result;
    const { staging } = result.context;
    const { read } = staging;
    staging.read = (source, byteLength, offset) => {
      if (/latentIndices|latentActs|batch code/.test(source.label)) {
        seen.reads++;
        seen.bytes += byteLength;
      }
      return read(source, byteLength, offset);
    };
    return result;
  };
  const breathe = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    seen.clock += TURN;
    await seen.onTurn();
  };
  const parts = makeNodeParts({
    openDevice,
    demo: createShortDemo(),
    now: () => seen.clock,
    breathe,
  });
  const listened = await startNodeEngine(parts);
  // What leaves the GPU is counted.
  valueOf(await listened.engine.sae.setBackend('webgpu'));
  valueOf(await listened.engine.model.open({ kind: 'demo' }));
  const train = async (form: TrainForm, onTurn: (runId: string) => Promise<void>) => {
    const over = listened.waitForRun(isOver);
    const { runId } = valueOf(await listened.engine.train.start(form));
    seen.onTurn = () => onTurn(runId);
    const run = await over;
    seen.onTurn = () => Promise.resolve();
    expect(run.phase).toEqual({ kind: 'done' });
    return { runId, points: await listened.engine.train.points(runId) };
  };
  return { seen, train, engine: listened.engine };
}

let opened: ReturnType<typeof open>;
beforeAll(() => {
  opened = open();
});

it('samples while somebody asks, at most every two seconds, and changes no number of the run', async () => {
  const { seen, train, engine } = await opened;
  const form: TrainForm = { ...FORM, source: 'random', tokens: 4096 };
  const unwatched = await train(form, () => Promise.resolve());
  expect(seen.reads).toBe(0);
  const began = seen.clock;
  const watched = await train(form, async (runId) => {
    await engine.train.live({ runId, latentIndices: [5], fill: 3 });
  });
  expect(watched.points).toEqual(unwatched.points);
  const seconds = (seen.clock - began) / 1000;
  // Indices and activations of one batch each time.
  expect(seen.reads).toBeGreaterThanOrEqual(4);
  expect(seen.reads).toBeLessThanOrEqual(2 * (seconds / 2 + 1));
  expect(seen.bytes).toBe(seen.reads * 4 * FORM.batchSize * FORM.k);
  const gone = await engine.train.live({ runId: watched.runId, latentIndices: [], fill: 1 });
  expect(gone).toMatchObject({ ok: false, problem: { kind: 'config', field: 'run' } });
});

it('tells rates, ranges, texts and logits of the running SAE', async () => {
  const { train, engine } = await opened;
  const told: LiveTiles[] = [];
  let logits: Outcome<MomentLogits> | null = null;
  await train(FORM, async (runId) => {
    const outcome = await engine.train.live({ runId, latentIndices: [5], fill: 3 });
    if (!outcome.ok) return;
    told.push(outcome.value);
    if (outcome.value.step !== null) logits ??= await engine.train.liveLogits(runId, 1);
  });
  const last = told.at(-1)!;
  expect(last.tiles).toHaveLength(4);
  expect(last.tiles[0]!.latentIndex).toBe(5);
  expect(last.step).toBeGreaterThan(told.find(({ step }) => step !== null)!.step!);
  expect(last.tokens % FORM.batchSize).toBe(0);
  const strongest = last.tiles[1]!;
  expect(strongest.fireRate).toBe(strongest.fireCount / last.tokens);
  expect(strongest.histogram.counts.reduce((a, b) => a + b)).toBe(strongest.fireCount);
  const [example] = strongest.examples;
  expect(example!.act).toBe(strongest.maxAct);
  expect(example!.tokens[example!.peak]!.act).toBe(strongest.maxAct);
  // Word for word what the run was trained on; bytes that are no character of their own are shown otherwise.
  const corpus = await readCorpus();
  const pieces = last.tiles
    .flatMap(({ examples }) => examples)
    .map(({ tokens, peak }) => plainPiece(tokens, peak))
    .filter((piece) => piece !== '' && !piece.includes('⟨'));
  expect(pieces.length).toBeGreaterThan(5);
  expect(pieces.filter((piece) => !corpus.includes(piece))).toEqual([]);
  const { topLogits, bottomLogits } = valueOf(logits as unknown as Outcome<MomentLogits>);
  expect(topLogits[0]!.value).toBeGreaterThan(0);
  expect(bottomLogits[0]!.value).toBeLessThan(0);
});

it.each([
  ['batchtopk', null],
  ['relu', /Live features need an architecture/],
] as const)('serves %s, or says why not', async (architecture, refusal) => {
  const { train, engine } = await opened;
  let last: LiveTiles | null = null;
  // Random activations have no text and need no model.
  await train({ ...FORM, architecture, source: 'random' }, async (runId) => {
    const outcome = await engine.train.live({ runId, latentIndices: [0], fill: 2 });
    if (outcome.ok) last = outcome.value;
    expect(await engine.train.liveLogits(runId, 1)).toMatchObject({ ok: false });
  });
  if (refusal !== null) {
    expect(last).toMatchObject({ tiles: [], refusal: expect.stringMatching(refusal) as string });
    return;
  }
  const { tiles, tokens } = last as unknown as LiveTiles;
  expect(tiles).toHaveLength(3);
  expect(tiles[1]!.fireCount).toBeGreaterThan(0);
  expect(tiles[1]!.fireCount).toBeLessThanOrEqual(tokens);
  expect(tiles[1]!.examples).toEqual([]);
});

/** All documents of the demo corpus, one after the other. */
async function readCorpus(): Promise<string> {
  const lines = (await readFile('public/demo/corpus.jsonl', 'utf8')).trim().split('\n');
  return lines.map((line) => (JSON.parse(line) as { text: string }).text).join('\0');
}

/** The tokens around the peak up to the next special one on each side. */
function plainPiece(
  tokens: LiveTiles['tiles'][number]['examples'][number]['tokens'],
  peak: number,
): string {
  const end = tokens.findIndex(({ isSpecial }, i) => i >= peak && isSpecial);
  const start = tokens.findLastIndex(({ isSpecial }, i) => i <= peak && isSpecial) + 1;
  const piece = tokens.slice(start, end < 0 ? tokens.length : end);
  return piece.map(({ text }) => text).join('');
}

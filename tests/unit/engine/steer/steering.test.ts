// Steering through the whole engine on the demo model and its SAE, on the processor: neutral lanes, live
// values and their replay, the unsteered model beside the steered text, pause, branch, dose and response.
import { beforeAll, describe, expect, it, vi } from 'vitest';
import {
  addLatent,
  type SteerMode,
  type SteerSlot,
  type Steering,
} from '../../../../src/core/steer/steering';
import { logProbability } from '../../../../src/core/model/sampling';
import type { Outcome } from '../../../../src/engine/shared/api';
import type { SaeFacts } from '../../../../src/engine/sae/api';
import type { GeneratedToken, GenerationRequest } from '../../../../src/engine/generate/api';
import type { SteeredRequest } from '../../../../src/engine/steer/api';
import type { EngineParts } from '../../../../src/engine/parts';
import { readDemoCheckpoint } from '../../../helpers/model/modelDemo';
import { generateText, newGenerationId, type OnToken } from '../../../helpers/engine/generateText';
import {
  manyTurns,
  startNodeEngine,
  type ListenedEngine,
} from '../../../helpers/engine/nodeEngine';
import { makeNodeParts } from '../../../helpers/engine/nodeParts';
import { createStreamRuntime } from '../../../helpers/model/streamModel';

let parts: EngineParts;
let whole: ListenedEngine;
let latentIndex = 0;
let saeId = '';

function valueOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`${outcome.problem.what} ${outcome.problem.wayOut}`);
  return outcome.value;
}

beforeAll(async () => {
  const openDevice = () =>
    Promise.resolve({ ok: false, reason: 'no-webgpu', message: 'none here' } as const);
  parts = makeNodeParts({ openDevice, createRuntime: createStreamRuntime });
  whole = await startNodeEngine(parts);
  valueOf(await whole.engine.model.open({ kind: 'demo' }));
  [{ saeId }] = (await whole.engine.sae.list()) as [SaeFacts];
  const rows = valueOf(await whole.engine.statistics.rows(saeId));
  ({ latentIndex } = rows.reduce((a, b) => (a.maxAct > b.maxAct ? a : b)));
});

const request: GenerationRequest = {
  prompt: 'Once upon a time',
  maxTokens: 24,
  temperature: 1,
  topK: 50,
  seed: 9,
};

/** A job's id that no text has. */
const DOSE = 1_000_000;

const generate = (change: Partial<SteeredRequest>, onToken?: OnToken) =>
  generateText(whole, { ...request, ...change }, onToken);

const ids = (tokens: GeneratedToken[]) => tokens.map(({ tokenId }) => tokenId);
const add = (value: number): Steering => addLatent({ saeId, latentIndex, value });

function slot(id: string, mode: SteerMode, change: Partial<SteerSlot> = {}): SteerSlot {
  const target = { kind: 'latent', saeId, latentIndex } as const;
  const base = { id, target, hook: null, mode, unit: 'max' as const, value: 0 };
  return { ...base, isMuted: false, isSolo: false, ...change };
}

describe('neutral slots', () => {
  it('leave the text as it is for 200 tokens at temperature 1, with KL 0', async () => {
    const slots = [
      slot('a', 'add', { value: 0 }),
      slot('b', 'scale', { value: 1, hook: 'blocks.0.hook_mlp_out' }),
      slot('c', 'set', { value: null }),
      slot('d', 'ablate', { value: 1, isMuted: true }),
      slot('e', 'cap', { value: null, hook: 'blocks.3.hook_resid_pre' }),
    ];
    const steer = { ...add(0), slots };
    const { baseline, steered, end } = await generate({ steer, maxTokens: 200, seed: 5 });
    expect(ids(steered)).toHaveLength(200);
    expect(ids(steered)).toEqual(ids(baseline));
    expect(end.divergence).toBeNull();
    expect(steered.every((token) => token.steered?.kl === 0)).toBe(true);
  });
});

describe('the unsteered model beside the steered text', () => {
  it('reads the same context after the lanes have parted', async () => {
    const { baseline, steered, end } = await generate({ steer: add(3), maxTokens: 40 });
    const { divergence } = end;
    expect(divergence).toBeLessThan(30);
    expect(ids(steered).slice(0, divergence!)).toEqual(ids(baseline).slice(0, divergence!));
    expect(ids(steered)[divergence!]).not.toBe(ids(baseline)[divergence!]);
    const tokens = await whole.engine.model.tokenize('Once upon a time');
    const checkpoint = await readDemoCheckpoint();
    const runtime = await createStreamRuntime({ checkpoint, backend: 'wasm', device: null });
    const prompt = [256, ...tokens.map(({ tokenId }) => tokenId)];
    const promptEvent = whole.events.findLast((event) => event.kind === 'prompt')!;
    const promptIds = promptEvent.tokens.map(({ tokenId }) => tokenId);
    expect(promptIds.slice(1)).toEqual(prompt.slice(1));
    const text = Int32Array.from([...promptIds, ...ids(steered)]);
    const logits = await runtime.logits(text, 1);
    const width = checkpoint.config.vocab_size;
    steered.forEach((token, i) => {
      const at = promptIds.length - 1 + i;
      const row = logits.subarray(at * width, (at + 1) * width);
      const surprise = -logProbability(row, token.tokenId);
      expect(token.steered?.surprise).toBeCloseTo(surprise, 2);
      expect(token.steered?.kl).toBeGreaterThan(0);
    });
    await runtime.dispose();
  });

  it('says rank, entropy and the five most likely of each token', async () => {
    const { baseline } = await generate({ maxTokens: 6 });
    for (const { tokenId, choice, logProb } of baseline) {
      expect(choice!.top).toHaveLength(5);
      expect(logProb).toBe(choice!.logProb);
      expect(choice!.entropy).toBeGreaterThan(0);
      const place = choice!.top.findIndex((likely) => likely.tokenId === tokenId);
      if (place >= 0) expect(choice!.rank).toBe(place + 1);
      else expect(choice!.rank).toBeGreaterThan(5);
    }
  });
});

describe('values while text streams', () => {
  it('act on the next token, are written down, and play back the same text', async () => {
    const steer = add(0);
    const live = await generate({ steer, maxTokens: 40 }, (token) => {
      if (token === 3) void whole.engine.steer.setSlotValue('slot-1', 2.5);
      if (token === 20) void whole.engine.steer.setSlotValue('slot-1', null);
    });
    const log = live.end.automation!;
    // Told at token 3, in force at token 4.
    expect(log).toEqual([
      { slotId: 'slot-1', token: 4, value: 2.5 },
      { slotId: 'slot-1', token: 21, value: null },
    ]);
    live.steered.forEach(({ values }, token) => {
      const expected = token < 4 ? 0 : token < 21 ? 2.5 : null;
      expect(values).toEqual([expected]);
    });
    const replay = await generate({ steer: { ...steer, automation: log }, maxTokens: 40 });
    expect(replay.steered).toEqual(live.steered);
    expect(replay.end.automation).toEqual(log);
  });

  it('hold at a pause, go on by one token, and to the end', async () => {
    const { engine } = whole;
    let told = 0;
    const done = generate({ steer: add(1), maxTokens: 12 }, (token) => {
      told = token + 1;
      if (told === 2) void engine.generate.pause();
    });
    const toldAfter = async (n: number) => {
      while (told < n) await manyTurns();
      await manyTurns();
      return told;
    };
    // Heard while the third is made.
    expect(await toldAfter(3)).toBe(3);
    await engine.generate.step();
    expect(await toldAfter(4)).toBe(4);
    await engine.generate.step();
    expect(await toldAfter(5)).toBe(5);
    await engine.generate.resume();
    expect((await done).steered).toHaveLength(12);
  });

  it('stop a held text', async () => {
    const { end, steered } = await generate(
      { steer: add(1), maxTokens: 100 },
      (token, generationId) => {
        if (token === 1)
          void whole.engine.generate
            .pause()
            .then(manyTurns)
            .then(() => whole.engine.cancel(generationId));
      },
    );
    expect(end.reason).toBe('stop');
    expect(steered).toHaveLength(3);
  });
});

describe('a branch', () => {
  it('says what was said, in the same state, and goes on', async () => {
    const steer = { ...add(1), automation: [{ slotId: 'slot-1', token: 4, value: 2 }] };
    const first = await generate({ steer, maxTokens: 20 });
    const prefix = {
      baseline: ids(first.baseline).slice(0, 12),
      steered: ids(first.steered).slice(0, 12),
    };
    const again = await generate({ steer, maxTokens: 20, prefix });
    expect(again.steered).toEqual(first.steered);
    const other = await generate({ steer, maxTokens: 20, prefix, seed: 10 });
    expect(ids(other.steered).slice(0, 12)).toEqual(prefix.steered);
    expect(ids(other.steered)).not.toEqual(ids(first.steered));
  });

  it('refuses a token that is none', async () => {
    const outcome = await whole.engine.generate.run(newGenerationId(), {
      ...request,
      prefix: { baseline: [1e6] },
    });
    expect(outcome).toMatchObject({ ok: false, problem: { field: 'prefix' } });
  });
});

describe('readouts', () => {
  it('tell features of every token, and what an edit achieved', async () => {
    const slots = [slot('set', 'set', { value: 2 })];
    const steer = { ...add(0), slots, streamLatents: 5 };
    const { steered, events } = await generate({ steer, maxTokens: 8 });
    const latents = events.flatMap((event) => (event.kind === 'tokenLatents' ? event.tokens : []));
    for (const lane of ['baseline', 'steered']) {
      const own = latents.filter((token) => token.lane === lane);
      expect(own.map(({ position }) => position)).toEqual(own.map((_, i) => i));
      expect(own.length).toBeGreaterThan(8);
      for (const { latents: acts } of own) {
        expect(acts.length).toBeLessThanOrEqual(5);
        expect(acts.map(({ act }) => act)).toEqual(
          acts.map(({ act }) => act).sort((a, b) => b - a),
        );
      }
    }
    for (const token of steered) {
      const readout = token.steered!;
      expect(readout.edits[0]!.relativeNorm).toBeGreaterThan(0);
      expect(readout.slots[0]!.before).toBeGreaterThanOrEqual(0);
      // Set to twice its maximum, the feature fires when it is encoded again.
      expect(readout.slots[0]!.achieved).toBeGreaterThan(0);
    }
  });

  it('know a mask: only generated tokens are steered', async () => {
    const mask = { kind: 'classes', classes: ['gen'] } as const;
    const { steered } = await generate({ steer: { ...add(2), mask }, maxTokens: 4 });
    const rows = steered.map((token) => token.steered!.edits[0]!.editedRows);
    expect(rows).toEqual([0, 1, 1, 1]);
    expect(steered[0]!.steered!.kl).toBe(0);
  });
});

it('measures dose and response on the baseline text, and can be cancelled', async () => {
  const { engine } = whole;
  const generation = { ...request, steer: add(1) };
  const watched = [100, 200];
  const dose = valueOf(await engine.steer.measureDose({ generation, slotId: 'slot-1', watched }));
  expect(dose.points.map(({ value }) => value)).toEqual(
    Array.from({ length: 13 }, (_, i) => -3 + i / 2),
  );
  expect(dose.baseline).toHaveLength(64);
  const zero = dose.points[6]!;
  expect(zero).toMatchObject({ meanKl: 0, top1Agreement: 1, deltaLogProb: [0, 0] });
  const [low, high] = [dose.points[0]!, dose.points[12]!];
  expect(high.meanKl).toBeGreaterThan(dose.points[8]!.meanKl);
  expect(low.meanKl).toBeGreaterThan(dose.points[5]!.meanKl);
  expect(high.top1Agreement).toBeLessThan(1);
  expect(high.relativeNorm).toBeCloseTo(6 * dose.points[7]!.relativeNorm, 3);
  const firstPoint = whole.waitFor((event) => event.kind === 'dosePoint');
  const cancelled = engine.steer.measureDose({ generation, slotId: 'slot-1', watched }, DOSE);
  await firstPoint;
  await engine.cancel(DOSE);
  expect(await cancelled).toMatchObject({ ok: false, problem: { kind: 'cancelled' } });
});

describe('the surprise of a dose', () => {
  const seeds = [0, 1, 2].map((i) => request.seed + i);
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const summary = (means: number[]) => ({
    mean: mean(means),
    lowest: Math.min(...means),
    highest: Math.max(...means),
  });
  const dose = (change: object) => {
    const generation = { ...request, steer: add(1) };
    const asked = { generation, slotId: 'slot-1', watched: [], tokens: 4, values: [0, 3] };
    return whole.engine.steer.measureDose({ ...asked, ...change }, DOSE);
  };

  it('is that of three texts a strength, and at none exactly what the model thinks of its own', async () => {
    const { points, ownSurprise } = valueOf(await dose({ withSurprise: true }));
    const own: number[] = [];
    const steered: number[] = [];
    for (const seed of seeds) {
      const text = await generate({ steer: add(3), seed });
      own.push(mean(text.baseline.map(({ choice }) => -choice!.logProb)));
      steered.push(mean(text.steered.map((token) => token.steered!.surprise!)));
    }
    expect(ownSurprise).toEqual(summary(own));
    expect(points[0]!.surprise).toEqual(ownSurprise);
    expect(points[1]!.surprise).toEqual(summary(steered));
    expect(points[1]!.surprise!.mean).toBeGreaterThan(ownSurprise!.mean + 0.5);
    expect(ownSurprise!.highest).toBeGreaterThan(ownSurprise!.lowest);
  });

  it('is made only when asked for, and can be cancelled within a text', async () => {
    const { points, ownSurprise } = valueOf(await dose({}));
    expect([ownSurprise, ...points.map(({ surprise }) => surprise)]).toEqual([null, null, null]);
    const { breathe } = parts;
    let breaths = 0;
    const spy = vi.spyOn(parts, 'breathe').mockImplementation(() => {
      breaths++;
      if (breaths === 30) void whole.engine.cancel(DOSE);
      return breathe();
    });
    const cancelled = await dose({ withSurprise: true, values: [3] });
    spy.mockRestore();
    expect(cancelled).toMatchObject({ ok: false, problem: { kind: 'cancelled' } });
    // Two a token: at the next one it has ended.
    expect(breaths).toBeLessThan(34);
  });
});

describe('vectors', () => {
  const hook = 'blocks.2.hook_resid_post';

  it('are made of two texts and of a decoder row, and steer', async () => {
    const { engine } = whole;
    const source = { name: 'polite', hook, positive: 'Thank you!', negative: 'Go away!' } as const;
    const made = valueOf(await engine.steer.makeVector({ kind: 'prompts', ...source }));
    expect(made).toMatchObject({ d_in: 256, origin: 'prompts', hook });
    expect(made.vectorId).toMatch(/^v-[0-9a-f]{8}$/);
    const row = { kind: 'decoder', name: 'row', hook, saeId, latentIndex } as const;
    const decoder = valueOf(await engine.steer.makeVector(row));
    expect((await engine.steer.listVectors()).map(({ name }) => name)).toEqual(['polite', 'row']);
    // A decoder row added as a vector is the feature added.
    const target = { kind: 'vector', vectorId: decoder.vectorId } as const;
    const asVector = { ...add(0), slots: [slot('v', 'add', { target, unit: 'raw', value: 5 })] };
    const asLatent = { ...add(0), slots: [slot('v', 'add', { unit: 'raw', value: 5 })] };
    const [one, other] = [await generate({ steer: asVector }), await generate({ steer: asLatent })];
    expect(ids(one.steered)).toEqual(ids(other.steered));
    await engine.steer.deleteVector(made.vectorId);
    expect(await engine.steer.listVectors()).toHaveLength(1);
  });

  it('are read from files, and refused with the widths', async () => {
    const { engine } = whole;
    const file = (values: number[]) => ({
      path: 'v.json',
      blob: new Blob([JSON.stringify(values)]),
    });
    const source = { kind: 'file', name: 'mine', hook } as const;
    const values = Array.from({ length: 256 }, (_, i) => Math.sin(i));
    const made = valueOf(await engine.steer.makeVector({ ...source, file: file(values) }));
    expect(made.norm).toBeCloseTo(Math.hypot(...values), 3);
    const narrow = await engine.steer.makeVector({ ...source, file: file([1, 2]) });
    expect(narrow).toMatchObject({ ok: false, problem: { kind: 'file' } });
  });

  it('that point the same way are warned of, and so is a strong dose', async () => {
    const { engine } = whole;
    const [vector] = await engine.steer.listVectors();
    const target = { kind: 'vector', vectorId: vector!.vectorId } as const;
    const slots = [
      slot('a', 'set', { target, unit: 'raw', value: 1 }),
      slot('b', 'ablate', { target, unit: 'raw', value: 1 }),
      slot('c', 'add', { target, unit: 'norm', value: 0.9 }),
    ];
    const check = valueOf(await engine.steer.check({ ...add(0), slots }));
    expect(check.warnings).toHaveLength(2);
    expect(check.warnings[0]).toContain('a and b point in almost the same direction');
    expect(check.warnings[1]).toContain('c adds 0.90 times');
    expect(check.scales[0]!.medianNorm).toBeGreaterThan(1);
    expect(check.scales[0]!.maxAct).toBeNull();
  });
});

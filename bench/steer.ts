// npm run bench -- steer [--json] [--tokens N] [--rounds N] [--texts N] [--generations N]
// What steering costs on the demo model and its SAE, one slot at one layer, where the product would run them
// on this machine. Steered and unsteered decode take turns in one run, over the same tokens.
import { parseArgs } from 'node:util';
import { elementAt } from '../src/core/elementAt';
import { makeRng } from '../src/core/numeric/rng';
import { addLatent, type SteerMode, type Steering } from '../src/core/steer/steering';
import type { LaneName } from '../src/core/steer/steeringReport';
import type { EngineEvent } from '../src/engine/api';
import type { Outcome } from '../src/engine/shared/api';
import { createEngine } from '../src/engine/createEngine';
import { prepareSteering } from '../src/engine/steer/preparedSteering';
import { createSaeLibrary } from '../src/engine/sae/saeLibrary';
import { makeSlotValues } from '../src/engine/steer/slotValues';
import { makeTextLanes } from '../src/engine/generate/textLanes';
import { readF32 } from '../src/gpu/device/buffers';
import { bufferOf } from '../src/gpu/device/handles';
import type { Watcher } from '../src/model/modelTypes';
import { makeModelHosts } from '../tests/helpers/model/modelHosts';
import { makeNodeParts } from '../tests/helpers/engine/nodeParts';
import { liveHeapBytes } from '../tests/helpers/liveHeap';

const PROMPT = 'Once upon a time';
/** Said by every lane whatever it would choose, so that all decodes read the same. */
const SAID = 300;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean', default: false },
      tokens: { type: 'string', default: '100' },
      rounds: { type: 'string', default: '7' },
      texts: { type: 'string', default: '6' },
      generations: { type: 'string', default: '100' },
    },
  });
  const speed = await measureSpeed(Number(values.tokens), Number(values.rounds));
  const latency = await measureLatency(Number(values.texts));
  const memory = await measureMemory(Number(values.generations));
  const report = { ...speed, ...latency, ...memory };
  for (const [name, value] of Object.entries(report)) {
    console.log(`${name.padEnd(24)} ${typeof value === 'number' ? value.toFixed(4) : value}`);
  }
  if (values.json) console.log(JSON.stringify(report));
}

type Decode = {
  names: readonly LaneName[];
  steer: Steering | null;
  /** the hook's rows are read out */
  reads?: boolean;
  /** the steered lane says another token from the start: the hidden lane runs along */
  parts?: boolean;
};

async function measureSpeed(tokens: number, rounds: number) {
  const parts = makeNodeParts();
  const { device, modelHost, emit } = makeModelHosts(parts);
  const library = createSaeLibrary(parts, emit);
  const vectors = { get: () => Promise.reject(new Error('no vectors here')) };
  const { tokenizer, facts } = await modelHost.open({ kind: 'demo' });
  const { saeId, hookPoint } = elementAt(await library.list(), 0);
  const runtime = await modelHost.runtime();
  const context = facts.backend === 'webgpu' ? await device.acquire() : null;
  const promptIds = Int32Array.from([
    tokenizer.specialTokenId('<|bos|>'),
    ...tokenizer.encodeOrdinary(PROMPT),
  ]);

  /** Takes the hook's rows to where the SAE kernels would read them, as a capture does. */
  let copied: Promise<Float32Array> = Promise.resolve(new Float32Array());
  const capture: Watcher = {
    hook: hookPoint,
    see: (x) => {
      copied =
        x.where === 'cpu'
          ? Promise.resolve(x.data.slice())
          : readF32(context!, bufferOf(x.buffer), x.rows * x.cols);
    },
  };

  /** Tokens per second after the prompt. */
  const decode = async ({ names, steer, reads, parts: isParted }: Decode): Promise<number> => {
    const hosts = { device, modelHost, library, vectors };
    const turn = { hasBreathed: false };
    const breathe = () => {
      turn.hasBreathed = true;
      return parts.breathe();
    };
    const o = { lanes: names, maxRows: promptIds.length, breathe };
    const prepared = steer === null ? null : await prepareSteering(hosts, steer, o);
    const session = await runtime.startDecode({
      lanes: names.length,
      edits: prepared?.edits ?? [],
      watchers: reads === true ? [capture] : (prepared?.watchers ?? []),
    });
    const say = (tokenId: number) => Array.from({ length: tokens + 1 }, () => tokenId);
    const prefix = { baseline: say(SAID), steered: say(isParted === true ? SAID + 1 : SAID) };
    const text = makeTextLanes({
      session,
      tokenizer,
      promptIds,
      names,
      prefix,
      rule: { temperature: 1, topK: 50, seed: 1 },
      edits: prepared,
    });
    const values = steer === null ? null : makeSlotValues(steer);
    await text.step(() => values?.next(0) ?? []);
    const begin = parts.now();
    for (let token = 1; token <= tokens; token++) {
      await text.step(() => values?.next(token) ?? []);
      await copied;
      // As a text that streams: once a token, steered or not.
      if (!turn.hasBreathed) await parts.breathe();
      turn.hasBreathed = false;
    }
    const seconds = (parts.now() - begin) / 1000;
    session.dispose();
    prepared?.dispose();
    return tokens / seconds;
  };

  const slot = (mode: SteerMode, streamLatents = 0): Steering => {
    const steer = addLatent({ saeId, latentIndex: 0, value: 1 });
    const slots = steer.slots.map((one) => ({ ...one, mode, value: mode === 'scale' ? 2 : 1 }));
    return { ...steer, slots, streamLatents };
  };
  const both = ['baseline', 'steered'] as const;
  const plain: Decode = { names: both, steer: null };
  const kinds: Record<string, Decode> = {
    plain,
    capture: { ...plain, reads: true },
    steered: { ...plain, steer: slot('add') },
    readsFeature: { ...plain, steer: slot('scale') },
    streamed: { ...plain, steer: slot('add', 8) },
    parted: { ...plain, steer: slot('add'), parts: true },
  };
  const speeds: Record<string, number[]> = {};
  for (let round = 0; round <= rounds; round++) {
    for (const [name, kind] of Object.entries(kinds)) {
      const speed = await decode(kind);
      // The first round warms up.
      if (round > 0) (speeds[name] ??= []).push(speed);
    }
  }
  await runtime.dispose();
  const plainSpeeds = speeds['plain'] ?? [];
  const ratio = (name: string) =>
    median((speeds[name] ?? []).map((speed, round) => speed / elementAt(plainSpeeds, round)));
  return {
    device: context?.adapter ?? 'wasm, on the processor',
    tokensPerSecond: median(plainSpeeds),
    decodeRatio: ratio('steered'),
    readsFeatureRatio: ratio('readsFeature'),
    streamRatio: ratio('streamed'),
    captureRatio: ratio('capture'),
    partedRatio: ratio('parted'),
  };
}

/** An engine whose events come at once, with the time at which each came. */
async function startEngine() {
  const engine = createEngine(makeNodeParts({ schedule: (tell) => setImmediate(tell) }));
  const timed: { event: EngineEvent; at: number }[] = [];
  await engine.subscribe((batch) => {
    for (const event of batch) timed.push({ event, at: performance.now() });
  });
  valueOf(await engine.model.open({ kind: 'demo' }));
  return { engine, timed, saeId: elementAt(await engine.sae.list(), 0).saeId };
}

type Listened = Awaited<ReturnType<typeof startEngine>>;

function textOf({ engine, saeId }: Listened, id: number, maxTokens: number) {
  const steer = addLatent({ saeId, latentIndex: 0, value: 1 });
  const sampling = { temperature: 1, topK: 50, seed: id };
  return engine.steer.generate(id, { prompt: PROMPT, maxTokens, ...sampling, steer });
}

/** Tokens between two moves of the slider, so that each is told apart. */
const MOVE_EVERY = 4;

/** From a slider that is moved at any moment of a token's making to the first token chosen under it. The move
 *  is due at a random phase of a step; on a busy thread it is heard late, as a message to a worker would be,
 *  and counts from when it was due. */
async function measureLatency(texts: number) {
  const listened = await startEngine();
  const { engine, timed } = listened;
  const random = makeRng(1);
  const latencies: number[] = [];
  const steps: number[] = [];
  for (let id = 0; id <= texts; id++) {
    timed.length = 0;
    const moves: { value: number; due: number }[] = [];
    let ended = 0;
    const isDone = () => ended > 0;
    const done = textOf(listened, id, 100).finally(() => ended++);
    const seen = () => timed.filter(isSteeredToken).length;
    for (let next = MOVE_EVERY; !isDone(); next += MOVE_EVERY) {
      while (!isDone() && seen() < next) await new Promise((go) => setImmediate(go));
      const value = next / 1000;
      const due = performance.now() + random.next() * (steps.length === 0 ? 10 : median(steps));
      moves.push({ value, due });
      setTimeout(() => void engine.steer.setSlotValue('slot-1', value), due - performance.now());
    }
    valueOf(await done);
    const told = timed.flatMap((one) => (isSteeredToken(one) ? [one] : []));
    steps.push(...told.slice(2).map(({ at: then }, i) => then - elementAt(told, i + 1).at));
    // The first text warms up.
    for (const { value, due } of id === 0 ? [] : moves) {
      const first = told.find(({ event }) => event.token.values[0] === value);
      if (first !== undefined) latencies.push(first.at - due);
    }
  }
  return { sliderToTokenMs: median(latencies), tokenMs: median(steps), moves: latencies.length };
}

type TimedToken = { event: Extract<EngineEvent, { kind: 'token' }>; at: number };

function isSteeredToken(one: { event: EngineEvent; at: number }): one is TimedToken {
  return one.event.kind === 'token' && one.event.lane === 'steered';
}

/** Bytes in use after all texts against those after the fifth; garbage collected. */
async function measureMemory(generations: number) {
  const listened = await startEngine();
  let first = 0;
  for (let id = 1; id <= generations; id++) {
    valueOf(await textOf(listened, id, 12));
    // What the page would have taken.
    listened.timed.length = 0;
    if (id === 5) first = liveHeapBytes();
  }
  return { memoryGrowth: liveHeapBytes() / first - 1, memoryBytes: first };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

function valueOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`${outcome.problem.what} ${outcome.problem.wayOut}`);
  return outcome.value;
}

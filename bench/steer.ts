// npm run bench -- steer [--json] [--tokens N] [--rounds N] [--generations N]
// What steering costs on the demo model and its SAE, one slot at one layer, where the product would run them
// on this machine. Steered and unsteered decode take turns in one run, over the same tokens.
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { at } from '../src/core/at';
import { addLatent, type SteerMode, type Steering } from '../src/core/steering';
import type { LaneName } from '../src/core/steeringReport';
import type { EngineEvent, Outcome } from '../src/engine/api';
import { createDeviceHost } from '../src/engine/deviceHost';
import { createModelHost } from '../src/engine/modelHost';
import { createModelShelf } from '../src/engine/modelShelf';
import { prepareSteering } from '../src/engine/preparedSteering';
import { createSaeLibrary } from '../src/engine/saeLibrary';
import { makeSlotValues } from '../src/engine/slotValues';
import { makeTextLanes } from '../src/engine/textLanes';
import { readF32 } from '../src/gpu/buffers';
import { bufferOf } from '../src/gpu/handles';
import type { Edit } from '../src/model/modelTypes';
import { makeNodeParts } from '../tests/helpers/nodeParts';
import { startNodeEngine } from '../tests/helpers/nodeEngine';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

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
      generations: { type: 'string', default: '100' },
    },
  });
  const speed = await measureSpeed(Number(values.tokens), Number(values.rounds));
  const latency = await measureLatency();
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
  const emit = () => undefined;
  const device = createDeviceHost(parts);
  const modelHost = createModelHost(parts, device, createModelShelf(parts), emit);
  const library = createSaeLibrary(parts, emit);
  const vectors = { get: () => Promise.reject(new Error('no vectors here')) };
  const { tokenizer, facts } = await modelHost.open({ kind: 'demo' });
  const { saeId, hookPoint } = at(await library.list(), 0);
  const runtime = await modelHost.runtime();
  const context = facts.backend === 'webgpu' ? await device.acquire() : null;
  const promptIds = Int32Array.from([
    tokenizer.specialTokenId('<|bos|>'),
    ...tokenizer.encodeOrdinary(PROMPT),
  ]);

  /** Takes the hook's rows to where the SAE kernels would read them, as a capture does. */
  let copied: Promise<Float32Array> = Promise.resolve(new Float32Array());
  const capture: Edit = {
    hook: hookPoint,
    apply: (x) => {
      copied =
        x.where === 'cpu'
          ? Promise.resolve(x.data.slice())
          : readF32(context!, bufferOf(x.buffer), x.rows * x.cols);
      return x;
    },
  };

  /** Tokens per second after the prompt. */
  const decode = async ({ names, steer, reads, parts: isParted }: Decode): Promise<number> => {
    const hosts = { device, modelHost, library, vectors };
    const o = { lanes: names, maxRows: promptIds.length };
    const prepared = steer === null ? null : await prepareSteering(hosts, steer, o);
    const edits = prepared?.all ?? (reads === true ? [capture] : []);
    const session = await runtime.startDecode({ lanes: names.length, edits });
    const say = (tokenId: number) => Array.from({ length: tokens + 1 }, () => tokenId);
    const prefix = { baseline: say(SAID), steered: say(isParted === true ? SAID + 1 : SAID) };
    const text = makeTextLanes({
      ...{ session, tokenizer, promptIds, names, prefix },
      rule: { temperature: 1, topK: 50, seed: 1 },
      steering: prepared === null || steer === null ? null : { ...prepared, mask: steer.mask },
    });
    const values = steer === null ? null : makeSlotValues(steer);
    await text.step(values?.next(0) ?? []);
    const begin = parts.now();
    for (let token = 1; token <= tokens; token++) {
      await text.step(values?.next(token) ?? []);
      await copied;
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
    median((speeds[name] ?? []).map((speed, round) => speed / at(plainSpeeds, round)));
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

/** An engine whose events come at once. */
async function startEngine() {
  const listened = await startNodeEngine(makeNodeParts({ schedule: (tell) => setImmediate(tell) }));
  valueOf(await listened.engine.openModel({ kind: 'demo' }));
  return { ...listened, saeId: at(await listened.engine.listSaes(), 0).saeId };
}

type Listened = Awaited<ReturnType<typeof startEngine>>;

function textOf({ engine, saeId }: Listened, id: number, maxTokens: number) {
  const steer = addLatent({ saeId, latentIndex: 0, value: 1 });
  const sampling = { temperature: 1, topK: 50, seed: id };
  return engine.generate(id, { prompt: PROMPT, maxTokens, ...sampling, steer });
}

/** From the moved slider to the first token that was chosen under it. */
async function measureLatency() {
  const listened = await startEngine();
  const { engine, events } = listened;
  const latencies: number[] = [];
  const gaps: number[] = [];
  for (let id = 1; latencies.length < 20; id++) {
    const from = events.length;
    let ended = 0;
    const isDone = () => ended > 0;
    const done = textOf(listened, id, 60).finally(() => ended++);
    const steered = (event: EngineEvent) => event.kind === 'token' && event.lane === 'steered';
    const seen = () => events.slice(from).filter(steered).length;
    let last: number | null = null;
    for (let move = 1; !isDone(); move++) {
      const before = seen();
      while (!isDone() && seen() === before) await new Promise((go) => setImmediate(go));
      const now = performance.now();
      if (last !== null) gaps.push(now - last);
      last = now;
      const value = move / 1000;
      await engine.setSlotValue('slot-1', value);
      const isUnderIt = (event: EngineEvent) =>
        event.kind === 'token' && event.lane === 'steered' && event.token.values[0] === value;
      while (!isDone() && !events.slice(from).some(isUnderIt)) {
        await new Promise((go) => setImmediate(go));
      }
      if (!isDone()) latencies.push(performance.now() - now);
    }
    valueOf(await done);
  }
  return { sliderToTokenMs: median(latencies), tokenMs: median(gaps) / 2 };
}

/** Bytes in use after all texts against those after the fifth; garbage collected. */
async function measureMemory(generations: number) {
  const listened = await startEngine();
  const used = () => {
    collectGarbage();
    const { heapUsed, external, arrayBuffers } = process.memoryUsage();
    return heapUsed + external + arrayBuffers;
  };
  let first = 0;
  for (let id = 1; id <= generations; id++) {
    valueOf(await textOf(listened, id, 12));
    // What the page would have taken.
    listened.events.length = 0;
    if (id === 5) first = used();
  }
  return { memoryGrowth: used() / first - 1, memoryBytes: first };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return at(sorted, Math.floor(sorted.length / 2));
}

function valueOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`${outcome.problem.what} ${outcome.problem.wayOut}`);
  return outcome.value;
}

// npm run bench -- step [--shape demo|S|quick] [--rounds 5 --steps 5] [--backends cpu,webgpu] [--python PATH] [--json]
// Milliseconds of one TopK training step by each backend that this machine has, and by PyTorch where a Python with torch
// is named: the same data, batches, first weights and rates, in turns, so that what else the machine does falls on all.
// Last line: JSON. `fvu` is of the last step: sides that differ in it did not do the same.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { makeRng } from '../src/core/numeric/rng';
import {
  learningRate,
  makeSaeConfig,
  type Calibration,
  type TopKConfig,
} from '../src/core/sae/sae';
import type { SaeBackend } from '../src/core/train/saeBackend';
import { initTrainerState } from '../src/core/train/trainerState';
import { makeCpuBackend } from '../src/cpu/cpuBackend';
import { openDevice } from '../src/gpu/device/device';
import { makeGpuBackend } from '../src/gpu/gpuBackend';
import { calibrate } from '../tests/helpers/dictionary';
import { nodeThreads } from '../tests/helpers/nodeThreads';
import { openNodeGpu } from '../tests/helpers/nodeGpu';

/** B, d, n, k */
const SHAPES: Readonly<Record<string, readonly [number, number, number, number]>> = {
  demo: [1024, 256, 2048, 32],
  quick: [512, 256, 1024, 32],
  S: [2048, 256, 4096, 32],
  tiny: [64, 16, 64, 4],
};
/** Batches of data, met round and round. */
const BATCHES = 8;
const WARM_UP = 5;

type Case = { config: TopKConfig; calibration: Calibration; x: Float32Array };

/** ms: of each step; cpuMs: the processor's time for all of them, whatever else the machine does. */
type Timed = { ms: number[]; cpuMs: number };

/** One side of the comparison. */
type Side = {
  name: string;
  steps: (count: number) => Promise<Timed>;
  /** 1 − explained variance of the last step */
  fvu: () => number;
  facts: Record<string, unknown>;
  close: () => void;
};

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      shape: { type: 'string', default: 'demo' },
      rounds: { type: 'string', default: '5' },
      steps: { type: 'string', default: '5' },
      backends: { type: 'string', default: 'cpu,webgpu' },
      python: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const shape = SHAPES[values.shape];
  if (shape === undefined) throw new Error(`step: --shape is one of ${Object.keys(SHAPES).join()}`);
  const rounds = Number(values.rounds);
  const steps = Number(values.steps);
  const one = makeCase(shape, WARM_UP + rounds * steps);
  const sides = await openSides(one, values.backends.split(','), values.python);
  const times = new Map<string, Timed>();
  for (const side of sides) await side.steps(WARM_UP);
  for (let round = 0; round < rounds; round++) {
    for (const side of sides) {
      const before = times.get(side.name) ?? { ms: [], cpuMs: 0 };
      const { ms, cpuMs } = await side.steps(steps);
      times.set(side.name, { ms: [...before.ms, ...ms], cpuMs: before.cpuMs + cpuMs });
    }
  }
  const results = Object.fromEntries(sides.map((side) => [side.name, summarise(side, times)]));
  for (const side of sides) side.close();
  const [rows, d_in, d_sae, k] = shape;
  const report = {
    shape: { name: values.shape, batchSize: rows, d_in, d_sae, k },
    machine: { processor: cpus()[0]?.model ?? 'unknown', threads: cpus().length },
    sides: results,
    ratioToTorch: ratioToTorch(results),
  };
  if (!values.json) console.table(results);
  console.log(JSON.stringify(report));
}

type Summary = { ms: number; least: number; cpuMs: number; stepsPerSecond: number; fvu: number };

function summarise({ name, fvu, facts }: Side, times: ReadonlyMap<string, Timed>) {
  const { ms: each, cpuMs: all } = times.get(name) ?? { ms: [], cpuMs: 0 };
  const sorted = [...each].sort((a, b) => a - b);
  const cpuMs = all / each.length;
  const ms = sorted[Math.floor(sorted.length / 2)]!;
  return { ms, least: sorted[0]!, cpuMs, stepsPerSecond: 1000 / ms, fvu: fvu(), ...facts };
}

/** Ours on the processor over the faster of PyTorch's two ways, by the clock; null without PyTorch. */
function ratioToTorch(results: Record<string, Summary>): number | null {
  const torch = Object.entries(results)
    .filter(([name]) => name.startsWith('torch'))
    .map(([, { ms }]) => ms);
  const ours = results['cpu']?.ms;
  return ours === undefined || torch.length === 0 ? null : ours / Math.min(...torch);
}

/** Sparse combinations of random directions, and noise: what an SAE can learn something of. */
function makeCase(
  [batchSize, d_in, d_sae, k]: readonly [number, number, number, number],
  steps: number,
): Case {
  const config = makeSaeConfig({
    hookPoint: 'blocks.0.hook_resid_post',
    ...{ d_in, d_sae, k, batchSize },
    tokens: steps * batchSize,
    seed: 1,
    contextSize: 64,
    ringRows: BATCHES * batchSize,
    // Nobody is dead within so few steps.
    auxKScale: 0,
  });
  const rng = makeRng(2);
  const directions = Float64Array.from({ length: 64 * d_in }, () => rng.normal());
  const x = new Float32Array(config.ringRows * d_in);
  for (let row = 0; row < config.ringRows; row++) {
    for (let j = 0; j < 64; j++) {
      if (rng.next() > 0.1) continue;
      const strength = rng.next();
      for (let i = 0; i < d_in; i++) x[row * d_in + i]! += strength * directions[j * d_in + i]!;
    }
    // Multiples of 1/64: exact in the ring's f16.
    for (let i = 0; i < d_in; i++) {
      const at = row * d_in + i;
      x[at] = Math.round(64 * (x[at]! + 0.1 * rng.normal())) / 64;
    }
  }
  return { config, calibration: calibrate(x, d_in), x };
}

async function openSides(
  one: Case,
  backends: readonly string[],
  python: string | undefined,
): Promise<Side[]> {
  const sides: Side[] = [];
  if (backends.includes('cpu')) {
    for (const threads of new Set([1, availableParallelism()])) {
      const cpu = makeCpuBackend(
        (x) => {
          if (x.where === 'cpu') return Promise.resolve(x.data);
          throw new Error('no model runs here');
        },
        nodeThreads(threads - 1),
      );
      const side = await openBackend(one, cpu);
      sides.push({ ...side, name: threads < availableParallelism() ? 'cpu-1' : 'cpu' });
    }
  }
  if (backends.includes('webgpu')) {
    const opened = await openDevice((await openNodeGpu()) ?? undefined);
    if (opened.ok) sides.push(await openBackend(one, makeGpuBackend(opened.context)));
    else console.error(`step: no WebGPU: ${opened.message}`);
  }
  if (python === undefined) return sides;
  for (const decode of ['sparse', 'dense']) sides.push(await openTorch(one, python, decode));
  return sides;
}

async function openBackend({ config, calibration, x }: Case, backend: SaeBackend): Promise<Side> {
  const { ringRows, d_in, batchSize } = config;
  const ring = await backend.createRing({ rows: ringRows, d: d_in });
  const everyRow = Uint32Array.from({ length: ringRows }, (_, i) => i);
  await ring.append({ where: 'cpu', rows: ringRows, cols: d_in, data: x }, everyRow, 1, 0);
  const state = initTrainerState(config, calibration);
  const trainer = await backend.createTrainer({ config, calibration, state, ring });
  let done = 0;
  let fvu = NaN;
  const step = async (): Promise<number> => {
    const first = (done++ * batchSize) % ringRows;
    const began = performance.now();
    trainer.step(everyRow.subarray(first, first + batchSize));
    const [metrics] = await trainer.takeMetrics({ all: true });
    fvu = 1 - metrics!.explainedVariance;
    return performance.now() - began;
  };
  return {
    name: backend.name,
    steps: async (count) => {
      const before = process.cpuUsage();
      const ms: number[] = [];
      while (ms.length < count) ms.push(await step());
      const { user, system } = process.cpuUsage(before);
      return { ms, cpuMs: (user + system) / 1000 };
    },
    fvu: () => fvu,
    facts: { by: backend.description },
    close: () => {
      trainer.dispose();
      ring.dispose();
    },
  };
}

/** tests/peers/step_torch.py, which waits for its turns. */
async function openTorch(
  { config, calibration, x }: Case,
  python: string,
  decode: string,
): Promise<Side> {
  const folder = await mkdtemp(join(tmpdir(), 'nanoscope-step-'));
  const { W_dec, b_dec } = initTrainerState(config, calibration);
  const { d_in, d_sae, k, batchSize, adamBeta1, adamBeta2, adamEps } = config;
  const steps = config.tokens / batchSize;
  const rates = Array.from({ length: steps }, (_, step) => learningRate(config, step));
  const betas = [adamBeta1, adamBeta2];
  const { variance } = calibration;
  const told = { d_in, d_sae, k, batchSize, betas, eps: adamEps, rates, variance };
  await writeFile(join(folder, 'case.json'), JSON.stringify(told));
  for (const [name, data] of Object.entries({ x, w_dec: W_dec, b_dec })) {
    await writeFile(join(folder, `${name}.f32`), new Uint8Array(data.buffer));
  }
  const child = spawn(python, ['tests/peers/step_torch.py', folder, decode], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const answers = lines[Symbol.asyncIterator]();
  const next = async <T>(): Promise<T> => {
    const answer = (await answers.next()) as IteratorResult<string, undefined>;
    if (answer.done === true) throw new Error(`step: ${python} ended: does it have torch?`);
    return JSON.parse(answer.value) as T;
  };
  const facts = await next<Record<string, unknown>>();
  let loss = NaN;
  return {
    name: `torch-${decode}`,
    steps: async (count) => {
      child.stdin.write(`${count}\n`);
      const answer = await next<Timed & { loss: number }>();
      loss = answer.loss;
      return answer;
    },
    // Its loss is mse / V.
    fvu: () => loss,
    facts,
    close: () => {
      child.stdin.end();
      void once(child, 'exit').then(() => rm(folder, { recursive: true }));
    },
  };
}

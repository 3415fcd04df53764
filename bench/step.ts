// npm run bench -- step [--shape demo|S|M|D20|quick|B,d,n,k] [--rounds 5 --steps 5] [--backends cpu,webgpu] [--python PATH] [--peers [NAMES]] [--json]
// Milliseconds of one TopK training step by each backend that this machine has, by PyTorch where a Python with torch is
// named, and with --peers by ours and other libraries in Chromium: the same data, batches, first weights and rates, in
// turns, so that what else the machine does falls on all. Last line: JSON. `fvu` is of the last step: sides that differ
// in it by more than two hundredths did not do the same and are not compared.
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { makeCpuBackend } from '../src/cpu/cpuBackend';
import { adapterLimits } from '../src/gpu/device/adapterLimits';
import { openDevice } from '../src/gpu/device/device';
import { makeGpuBackend } from '../src/gpu/gpuBackend';
import { nodeThreads } from '../tests/helpers/nodeThreads';
import { openNodeGpu } from '../tests/helpers/device/nodeGpu';
import { openBackend, type StepSide } from './step/backendSide';
import { BROWSER_SIDES, openBrowserSides } from './step/browserSides';
import { fractionOf, processorRoof, type Roof } from './step/roof';
import type { Side, Timed } from './step/side';
import { openTorch } from './step/torchSide';
import { makeCase, SHAPES, type Case, type Shape } from './step/trainingCase';

const WARM_UP = 5;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      shape: { type: 'string', default: 'demo' },
      rounds: { type: 'string', default: '5' },
      steps: { type: 'string', default: '5' },
      backends: { type: 'string', default: 'cpu,webgpu' },
      python: { type: 'string' },
      peers: { type: 'boolean', default: false },
      browser: { type: 'string', default: BROWSER_SIDES.join() },
      json: { type: 'boolean', default: false },
    },
  });
  const shape = shapeOf(values.shape);
  const rounds = Number(values.rounds);
  const steps = Number(values.steps);
  const total = WARM_UP + rounds * steps;
  const one = makeCase(shape, total);
  const roofs: Record<string, Roof> = { processor: await processorRoof() };
  const sides = await openSides(one, values.backends.split(','), roofs);
  if (values.python !== undefined) {
    for (const decode of ['sparse', 'dense']) {
      sides.push(await openTorch(one, values.python, decode));
    }
  }
  if (values.peers) {
    const asked = values.browser.split(',');
    sides.push(...(await openBrowserSides(asked, { shape: values.shape, steps: total })));
  }
  const times = await takeTurns(sides, rounds, steps);
  const results = Object.fromEntries(
    sides.map((side) => [side.name, summarise(side, times, roofOf(side.name, roofs), shape)]),
  );
  for (const side of sides) side.close();
  const [rows, d_in, d_sae, k] = shape;
  const report = {
    shape: { name: values.shape, batchSize: rows, d_in, d_sae, k },
    machine: { processor: cpus()[0]?.model ?? 'unknown', threads: cpus().length, roofs },
    ...compare(results),
  };
  if (!values.json) console.table(results);
  console.log(JSON.stringify(report));
}

function shapeOf(text: string): Shape {
  const [B, d, n, k] = text.split(',').map(Number);
  const shape = SHAPES[text] ?? (B && d && n && k ? ([B, d, n, k] as const) : undefined);
  if (shape !== undefined) return shape;
  throw new Error(`step: --shape is one of ${Object.keys(SHAPES).join(', ')}, or numbers B,d,n,k`);
}

async function takeTurns(
  sides: readonly Side[],
  rounds: number,
  steps: number,
): Promise<ReadonlyMap<string, Timed>> {
  const times = new Map<string, Timed>();
  for (const side of sides) await side.steps(WARM_UP);
  for (let round = 0; round < rounds; round++) {
    for (const side of sides) {
      const before = times.get(side.name) ?? { ms: [], cpuMs: 0 };
      const { ms, cpuMs } = await side.steps(steps);
      const known = cpuMs === null || before.cpuMs === null ? null : before.cpuMs + cpuMs;
      times.set(side.name, { ms: [...before.ms, ...ms], cpuMs: known });
    }
  }
  return times;
}

/** Of the machine that a side of ours computes on in this process; the others are not held against it. */
function roofOf(name: string, { processor, adapter }: Record<string, Roof>): Roof | null {
  if (name === 'webgpu') return adapter ?? null;
  if (processor === undefined || !['cpu', 'cpu-1'].includes(name)) return null;
  const threads = name === 'cpu' ? availableParallelism() : 1;
  return { flop: threads * processor.flop, bytes: processor.bytes };
}

type Summary = { ms: number; least: number; stepsPerSecond: number; fvu: number };

function summarise(
  { name, fvu, facts }: Side,
  times: ReadonlyMap<string, Timed>,
  roof: Roof | null,
  shape: Shape,
) {
  const { ms: each, cpuMs: all } = times.get(name) ?? { ms: [], cpuMs: 0 };
  const sorted = [...each].sort((a, b) => a - b);
  const ms = sorted[Math.floor(sorted.length / 2)]!;
  const summary: Summary = { ms, least: sorted[0]!, stepsPerSecond: 1000 / ms, fvu: fvu() };
  return {
    ...summary,
    ...(all === null ? {} : { cpuMs: all / each.length }),
    ...(roof === null ? {} : { fractionOfRoof: fractionOf(roof, shape, ms) }),
    ...facts,
  };
}

/** Sides whose fvu of the last batch differs by more are not compared: after some thirty steps our own two backends
 *  differ by half a hundredth, because the same near-ties fall differently. */
const SAME_FVU = 0.02;

function compare(results: Record<string, Summary>) {
  const isOurs = (name: string) => /^(browser:)?(cpu|cpu-1|webgpu)$/.test(name);
  const names = Object.keys(results);
  const [ours, others] = [names.filter(isOurs), names.filter((name) => !isOurs(name))];
  const reference = results[ours[0] ?? '']?.fvu ?? NaN;
  const isSame = (name: string) => Math.abs(results[name]!.fvu / reference - 1) <= SAME_FVU;
  const least = (among: readonly string[]) =>
    among.length === 0 ? null : Math.min(...among.map((name) => results[name]!.ms));
  const ratio = (above: number | null, below: number | null) =>
    above === null || below === null ? null : above / below;
  const pick = (among: readonly string[]) =>
    Object.fromEntries(among.map((name) => [name, results[name]!]));
  const fastestPeer = least(others.filter((name) => name.startsWith('browser:') && isSame(name)));
  const fastestTorch = least(others.filter((name) => name.startsWith('torch') && isSame(name)));
  return {
    backends: pick(ours),
    peers: pick(others),
    notCompared: others.filter((name) => !isSame(name)),
    /** how many times as fast ours is in the same browser */
    ratioToFastestBrowserPeer: ratio(
      fastestPeer,
      least(ours.filter((name) => name.startsWith('browser:'))),
    ),
    /** our time over PyTorch's, by the clock */
    ratioToTorch: ratio(results['cpu']?.ms ?? null, fastestTorch),
  };
}

async function openSides(
  one: Case,
  backends: readonly string[],
  roofs: Record<string, Roof>,
): Promise<Side[]> {
  const sides: Side[] = [];
  if (backends.includes('cpu')) {
    const cores = availableParallelism();
    for (const threads of new Set([cores, 1])) {
      const others = nodeThreads(threads - 1);
      const cpu = makeCpuBackend((x) => {
        if (x.where === 'cpu') return Promise.resolve(x.data);
        throw new Error('no model runs here');
      }, others);
      sides.push(inThisProcess(threads < cores ? 'cpu-1' : 'cpu', await openBackend(one, cpu)));
      await others.settled();
    }
  }
  if (backends.includes('webgpu')) {
    const opened = await openDevice((await openNodeGpu()) ?? undefined);
    if (opened.ok) {
      roofs['adapter'] = await adapterLimits(opened.context);
      const gpu = makeGpuBackend(opened.context);
      sides.push(inThisProcess('webgpu', await openBackend(one, gpu)));
    } else console.error(`step: no WebGPU: ${opened.message}`);
  }
  return sides;
}

function inThisProcess(name: string, { step, fvu, facts, close }: StepSide): Side {
  return {
    name,
    fvu,
    facts,
    close,
    steps: async (count) => {
      const before = process.cpuUsage();
      const ms: number[] = [];
      while (ms.length < count) ms.push(await step());
      const { user, system } = process.cpuUsage(before);
      return { ms, cpuMs: (user + system) / 1000 };
    },
  };
}

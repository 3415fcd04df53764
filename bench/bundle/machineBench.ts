// What `npm run bench:bundle` packs for a machine with a GPU: TopK steps at the shapes of `npm run bench -- step` and the
// reference job on WebGPU, whole and by kernel, beside PyTorch where a Python is named, and what kernels.md predicts from
// the limits that this adapter shows. Options: README.txt beside the bundle. Last line: JSON.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { shareOfLimit, type StepProfiling, type Work } from '../../src/core/train/stepProfile';
import { initTrainerState } from '../../src/core/train/trainerState';
import { adapterLimits } from '../../src/gpu/device/adapterLimits';
import { openDevice, type GpuContext } from '../../src/gpu/device/device';
import { makeGpuBackend } from '../../src/gpu/gpuBackend';
import { openDawn } from '../../src/node/dawn';
import { makeCase, SHAPES, type Shape } from '../step/trainingCase';
import { predictedMs } from './prediction';

/** 10 M activations, ten times: the original Python design quotes two to four hours on an A100. */
const REFERENCE: Shape = [4096, 1280, 10_240, 64];
const REFERENCE_STEPS = Math.ceil((10 * 10_000_000) / REFERENCE[0]);
const WARM_UP = 20;

const { values } = parseArgs({
  options: {
    shapes: { type: 'string', default: 'demo,S,M,D20' },
    steps: { type: 'string', default: '100' },
    reference: { type: 'boolean', default: false },
    'reference-steps': { type: 'string', default: String(REFERENCE_STEPS) },
    python: { type: 'string' },
    device: { type: 'string', default: 'cuda' },
  },
});

type Measured = { msPerStep: number; seconds: number; fvu: number; profile: StepProfiling };

/** Steps as fast as the device takes them, metrics read late. */
async function train(context: GpuContext, shape: Shape, steps: number): Promise<Measured> {
  const { config, calibration, x } = makeCase(shape, WARM_UP + steps);
  const choices = new Map<string, string>();
  const backend = makeGpuBackend(context, {
    now: () => performance.now(),
    store: {
      get: (key) => Promise.resolve(choices.get(key)),
      set: (key, choice) => Promise.resolve(void choices.set(key, choice)),
    },
  });
  const { ringRows, d_in: d, batchSize } = config;
  const rows = Uint32Array.from({ length: ringRows }, (_, i) => i);
  const ring = await backend.createRing({ rows: ringRows, d });
  await ring.append({ where: 'cpu', rows: ringRows, cols: d, data: x }, rows, 1, 0);
  const state = initTrainerState(config, calibration);
  const trainer = await backend.createTrainer({ config, calibration, state, ring });
  let done = 0;
  let fvu = NaN;
  const advance = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const first = (done++ * batchSize) % ringRows;
      trainer.step(rows.subarray(first, first + batchSize));
      await trainer.ready();
      const taken = await trainer.takeMetrics({ all: i === count - 1 });
      fvu = 1 - (taken.at(-1)?.explainedVariance ?? 1 - fvu);
    }
  };
  try {
    await advance(WARM_UP);
    const began = performance.now();
    await advance(steps);
    const seconds = (performance.now() - began) / 1000;
    const profile = await trainer.profile(rows.subarray(0, batchSize));
    for (const [key, tile] of choices) console.log(`fastest of what was measured: ${key}: ${tile}`);
    return { msPerStep: (1000 * seconds) / steps, seconds, fvu, profile };
  } finally {
    trainer.dispose();
    ring.dispose();
  }
}

function printProfile(profile: StepProfiling): void {
  if ('why' in profile) {
    console.log(profile.why);
    return;
  }
  console.table(
    profile.kernels.map((kernel) => ({
      kernel: kernel.name,
      ms: Number(kernel.ms.toFixed(3)),
      'GFLOP/s': kernel.work && Math.round(kernel.work.flop / kernel.ms / 1e6),
      'GB/s': kernel.work && Math.round(kernel.work.bytes / kernel.ms / 1e6),
      'of the limit': shareOfLimit(kernel, profile.limits)?.toFixed(2) ?? '',
    })),
  );
}

/** The peer's milliseconds by way of computing; null where no Python was named or it failed. */
function torch(shape: Shape, steps: number): unknown {
  if (values.python === undefined) return null;
  const script = join(import.meta.dirname, 'step_gpu_torch.py');
  const args = [script, values.device, ...shape.map(String), String(steps)];
  const { stdout, status } = spawnSync(values.python, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 24,
  });
  if (status !== 0) return null;
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? 'null');
}

async function measureShape(
  context: GpuContext,
  limits: Work,
  o: { name: string; shape: Shape; steps: number },
) {
  const { name, shape, steps } = o;
  console.log(`\n${name}: B, d, n, k = ${shape.join(', ')}; ${steps} steps`);
  const measured = await train(context, shape, steps);
  const predicted = predictedMs(shape, limits);
  const ofRoof = predicted.roof / measured.msPerStep;
  console.log(
    `${measured.msPerStep.toFixed(3)} ms a step, ${ofRoof.toFixed(2)} of the roof; predicted: roof ${predicted.roof.toFixed(3)}, good ${predicted.good.toFixed(3)}, first version ${predicted.first.toFixed(3)} ms`,
  );
  printProfile(measured.profile);
  const peer = torch(shape, Math.min(steps, 50));
  if (peer !== null) console.log(`PyTorch: ${JSON.stringify(peer)}`);
  return { shape, steps, ...measured, predicted, fractionOfRoof: ofRoof, torch: peer };
}

const opened = await openDevice((await openDawn()) ?? undefined);
if (!opened.ok) throw new Error(`no GPU for WebGPU: ${opened.message}`);
const { context } = opened;
const limits = await adapterLimits(context);
console.log(
  `${context.adapter}: ${(limits.flop / 1e12).toFixed(2)} TFLOP/s of f32 multiply-adds, ${(limits.bytes / 1e9).toFixed(0)} GB/s copied${context.isSoftware ? '. A software adapter: these figures say nothing of a GPU' : ''}`,
);
const results: Record<string, unknown> = {};
for (const name of values.shapes.split(',').filter((one) => one !== '')) {
  const shape = SHAPES[name];
  if (shape === undefined) throw new Error(`--shapes: of ${Object.keys(SHAPES).join()}`);
  results[name] = await measureShape(context, limits, { name, shape, steps: Number(values.steps) });
}
if (values.reference) {
  const steps = Number(values['reference-steps']);
  const job = await measureShape(context, limits, { name: 'reference', shape: REFERENCE, steps });
  const minutes = (job.msPerStep * REFERENCE_STEPS) / 60_000;
  console.log(
    `reference job: ${minutes.toFixed(1)} minutes for ${REFERENCE_STEPS} steps${steps < REFERENCE_STEPS ? ' (extrapolated)' : ''}; goal: under 5`,
  );
  results['reference'] = { ...job, minutes };
}
const report = JSON.stringify({
  adapter: context.adapter,
  isSoftware: context.isSoftware,
  node: process.version,
  limits,
  results,
});
writeFileSync('nanoscope-gpu.json', report);
console.log(report);
// Dawn keeps Node alive.
process.exit(0);

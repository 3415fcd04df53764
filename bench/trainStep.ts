// npm run bench -- trainStep [--rows 1024 --d 256 --latents 2048 --k 32 --dead 0 --hot 0 --steps 10]: milliseconds
// of one training step, whole (between two fences) and by kernel (timestamps, one pass per dispatch).
// --dead F starts with that share of the latents dead, so that AuxK works; --hot N with so many that fire on every row.
import { parseArgs } from 'node:util';
import { makeRng } from '../src/core/numeric/rng';
import { makeSaeConfig } from '../src/core/sae/sae';
import {
  shareOfLimit,
  type KernelTime,
  type StepProfiling,
  type Work,
} from '../src/core/train/stepProfile';
import { initTrainerState } from '../src/core/train/trainerState';
import { createActivationRing } from '../src/gpu/train/activationRing';
import { openDevice, type GpuContext } from '../src/gpu/device/device';
import { createSaeTrainer } from '../src/gpu/train/saeTrainer';
import { calibrate } from '../tests/helpers/train/dictionary';
import { openNodeGpu } from '../tests/helpers/device/nodeGpu';

const RING_STEPS = 2;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      rows: { type: 'string', default: '1024' },
      d: { type: 'string', default: '256' },
      latents: { type: 'string', default: '2048' },
      k: { type: 'string', default: '32' },
      dead: { type: 'string', default: '0' },
      hot: { type: 'string', default: '0' },
      steps: { type: 'string', default: '10' },
    },
  });
  const opened = await openDevice((await openNodeGpu()) ?? undefined);
  if (!opened.ok) throw new Error(opened.message);
  const { context } = opened;
  const shape = {
    rows: Number(values.rows),
    d: Number(values.d),
    latents: Number(values.latents),
    k: Number(values.k),
    dead: Number(values.dead),
    hot: Number(values.hot),
  };
  const { profile, ...whole } = await measure(context, shape, Number(values.steps));
  console.log(`${context.adapter}: ${JSON.stringify(shape)}`);
  console.log(`whole step ${whole.ms.toFixed(2)} ms, ${whole.cpuMs.toFixed(2)} ms of CPU`);
  if ('why' in profile) console.log(profile.why);
  else console.table(profile.kernels.map((kernel) => rowOf(kernel, profile.limits)));
  console.log(JSON.stringify({ adapter: context.adapter, shape, ...whole, profile }));
  context.dispose();
}

function rowOf(kernel: KernelTime, limits: Work) {
  const { name, ms, work } = kernel;
  return {
    name,
    ms: ms.toFixed(3),
    'GFLOP/s': work === null ? '' : (work.flop / ms / 1e6).toFixed(1),
    'GB/s': work === null ? '' : (work.bytes / ms / 1e6).toFixed(1),
    ofLimit: shareOfLimit(kernel, limits)?.toFixed(2) ?? '',
  };
}

type Shape = { rows: number; d: number; latents: number; k: number; dead: number; hot: number };

/** Means over `steps` steps after three to warm up, between two fences. cpuMs is what a software adapter
 *  costs whatever else the machine does. */
async function measure(
  context: GpuContext,
  shape: Shape,
  steps: number,
): Promise<{ ms: number; cpuMs: number; profile: StepProfiling }> {
  const config = makeSaeConfig({
    hookPoint: 'blocks.0.hook_resid_post',
    d_in: shape.d,
    d_sae: shape.latents,
    k: shape.k,
    batchSize: shape.rows,
    tokens: 1000 * shape.rows,
    seed: 1,
    contextSize: 64,
    ringRows: RING_STEPS * shape.rows,
  });
  const rng = makeRng(2);
  const data = Float32Array.from({ length: config.ringRows * shape.d }, () => rng.normal());
  const calibration = calibrate(data, shape.d);
  const ring = createActivationRing(context, { rows: config.ringRows, d: shape.d });
  await ring.prepared;
  const everyRow = Uint32Array.from({ length: config.ringRows }, (_, i) => i);
  const x = { where: 'cpu' as const, rows: config.ringRows, cols: shape.d, data };
  await ring.append(x, everyRow, calibration.inputScale, 0);
  const state = initTrainerState(config, calibration);
  // A dead latent that the batch does not wake: its bias keeps it out of TopK, not out of AuxK.
  const deadCount = Math.floor(shape.dead * shape.latents);
  state.tokensSinceFired.fill(config.deadAfterTokens, 0, deadCount);
  state.b_enc.fill(-1, 0, deadCount);
  state.b_enc.fill(100, shape.latents - shape.hot);
  const trainer = await createSaeTrainer(context, {
    config,
    calibration,
    state,
    ring,
  });
  const advance = async (count: number) => {
    for (let i = 0; i < count; i++) {
      trainer.step(everyRow.subarray((i % 2) * shape.rows, ((i % 2) + 1) * shape.rows));
      await trainer.ready();
    }
    return await trainer.takeMetrics({ all: true });
  };
  await advance(3);
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  await advance(steps);
  const elapsed = performance.now() - start;
  const cpu = process.cpuUsage(cpuBefore);
  const profile = await trainer.profile(everyRow.subarray(0, shape.rows));
  trainer.dispose();
  ring.dispose();
  return { ms: elapsed / steps, cpuMs: (cpu.user + cpu.system) / 1000 / steps, profile };
}

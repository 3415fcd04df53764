// npm run bench -- trainStep [--rows 1024 --d 256 --latents 2048 --k 32 --dead 0 --hot 0 --steps 10]: milliseconds
// of one training step, whole (between two fences) and by kernel (timestamps, one pass per dispatch).
// --dead F starts with that share of the latents dead, so that AuxK works; --hot N with so many that fire on every row.
import { parseArgs } from 'node:util';
import { makeRng } from '../src/core/numeric/rng';
import { makeSaeConfig } from '../src/core/sae/sae';
import { initTrainerState } from '../src/core/train/trainerState';
import { createActivationRing } from '../src/gpu/train/activationRing';
import { createBufferSet } from '../src/gpu/device/buffers';
import type { Dispatch } from '../src/gpu/device/defineKernel';
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
  const whole = await measure(context, shape, Number(values.steps), null);
  const timer = createTimer(context);
  const timed = timer === null ? null : await measure(context, shape, 3, timer);
  const byKernel = timer === null ? {} : await timer.read(3);
  console.log(`${context.adapter}: ${JSON.stringify(shape)}`);
  console.log(
    `whole step ${whole.ms.toFixed(2)} ms, ${whole.cpuMs.toFixed(2)} ms of CPU; one pass per kernel ${timed?.ms.toFixed(2) ?? '-'} ms`,
  );
  for (const [label, ms] of Object.entries(byKernel)) {
    console.log(`${label.padEnd(16)} ${ms.toFixed(3)} ms`);
  }
  console.log(JSON.stringify({ adapter: context.adapter, shape, ...whole, byKernel }));
  context.dispose();
}

type Shape = { rows: number; d: number; latents: number; k: number; dead: number; hot: number };

/** Means over `steps` steps after three to warm up, between two fences. cpuMs is what a software adapter
 *  costs whatever else the machine does. */
async function measure(
  context: GpuContext,
  shape: Shape,
  steps: number,
  timer: Timer | null,
): Promise<{ ms: number; cpuMs: number }> {
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
    ...(timer === null ? {} : { recordStep: timer.record }),
  });
  const advance = async (count: number) => {
    for (let i = 0; i < count; i++) {
      trainer.step(everyRow.subarray((i % 2) * shape.rows, ((i % 2) + 1) * shape.rows));
      await trainer.ready();
    }
    return await trainer.takeMetrics({ all: true });
  };
  await advance(3);
  timer?.start();
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  await advance(steps);
  const elapsed = performance.now() - start;
  const cpu = process.cpuUsage(cpuBefore);
  trainer.dispose();
  ring.dispose();
  return { ms: elapsed / steps, cpuMs: (cpu.user + cpu.system) / 1000 / steps };
}

type Timer = NonNullable<ReturnType<typeof createTimer>>;

/** A pass with two timestamps per dispatch; null where the device has no timestamp-query. */
function createTimer(context: GpuContext) {
  if (!context.hasTimestamps) return null;
  const { device } = context;
  const set = createBufferSet(context, 'timer');
  const capacity = 256;
  const querySet = device.createQuerySet({ type: 'timestamp', count: capacity });
  const resolved = set.storage('resolved', capacity * 8, GPUBufferUsage.QUERY_RESOLVE);
  const reads: Promise<{ labels: string[]; times: BigUint64Array }>[] = [];
  let isOn = false;
  const record = (encoder: GPUCommandEncoder, dispatches: readonly Dispatch[]) => {
    for (const [i, dispatch] of dispatches.entries()) {
      const pass = encoder.beginComputePass({
        label: dispatch.label,
        timestampWrites: {
          querySet,
          beginningOfPassWriteIndex: 2 * i,
          endOfPassWriteIndex: 2 * i + 1,
        },
      });
      dispatch.record(pass);
      pass.end();
    }
    const bytes = dispatches.length * 16;
    encoder.resolveQuerySet(querySet, 0, 2 * dispatches.length, resolved, 0);
    const staged = context.staging.stage(encoder, resolved, bytes);
    if (!isOn) {
      staged.drop();
      return;
    }
    const labels = dispatches.map(({ label }) => label);
    // The map must come after this encoder's submit, which follows at once.
    const later = Promise.resolve().then(() => staged.read());
    reads.push(later.then((buffer) => ({ labels, times: new BigUint64Array(buffer) })));
  };
  return {
    record,
    start: () => {
      isOn = true;
    },
    read: async (steps: number): Promise<Record<string, number>> => {
      const sums: Record<string, number> = {};
      for (const { labels, times } of await Promise.all(reads)) {
        labels.forEach((label, i) => {
          const ms = Number(times[2 * i + 1]! - times[2 * i]!) / 1e6;
          sums[label] = (sums[label] ?? 0) + ms / steps;
        });
      }
      set.dispose();
      return sums;
    },
  };
}

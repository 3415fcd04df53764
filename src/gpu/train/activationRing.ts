// The activation ring: counted rows of the residual stream, kept on the GPU in f16 until training has
// shuffled through them; and the moments of such rows, for calibration. Knows neither model nor SAE.
import { ConfigError, invariant } from '../../core/errors';
import { f16ToF32 } from '../../core/numeric/float16';
import type { Matrix } from '../../core/handles';
import { calibrationOf } from '../../core/sae/calibration';
import { addMoments, makeMoments, type Moments } from '../../core/numeric/moments';
import { checkRowIndices, runsOf } from '../../core/numeric/rowIndices';
import type { Calibration } from '../../core/sae/sae';
import type { ActivationRing } from '../../core/train/activationRing';
import { createBufferSet } from '../device/buffers';
import { submitPass } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import { packUniform } from '../device/uniformStruct';
import { activationMoments, MOMENTS_CHUNK, MOMENTS_STEP } from '../kernels/activationMoments';
import { ringAppend, RING_APPEND_STEP, ringAppendStep } from '../kernels/ringAppend';
import { strideOf } from '../sae/latentMajor';
import { bindMatrix, createGrowingBuffer } from '../device/matrixSource';
import type { StagedRead } from '../device/readback';

/** The ring as the GPU's trainer reads it. */
export type GpuActivationRing = ActivationRing & {
  /** [rows, dStride] f16, two to a u32, zero tail: the source of `gather` */
  buffer: GPUBuffer;
  dStride: number;
  /** resolves when the kernels are compiled; enqueue nothing before */
  prepared: Promise<void>;
};

/** Throws ConfigError if the ring exceeds one binding of this device. */
export function createActivationRing(
  context: GpuContext,
  { rows, d }: { rows: number; d: number },
): GpuActivationRing {
  const dStride = strideOf(d);
  const byteLength = rows * dStride * 2;
  if (byteLength > context.caps.storageBindingBytes) {
    const most = Math.floor(context.caps.storageBindingBytes / (dStride * 2));
    throw new ConfigError(
      `ringRows: ${rows} rows of width ${d} exceed one GPU binding; at most ${most} on this adapter`,
      'ringRows',
    );
  }
  const set = createBufferSet(context, 'activation_ring');
  const buffer = set.storage('ring', byteLength);
  const upload = createGrowingBuffer(context, set, 'upload');
  const listed = createGrowingBuffer(context, set, 'rows');
  const step = set.uniform('append step', RING_APPEND_STEP.byteLength);
  const meter = createMomentsMeter(context, d);
  const kernel = ringAppend.prepare(context, { overrides: { d, ring_rows: rows } });
  let append: Awaited<typeof kernel> | null = null;
  const prepared = Promise.all([kernel, meter.prepared]).then(([ready]) => {
    append = ready;
  });
  return {
    buffer,
    rows,
    d,
    dStride,
    prepared,
    // Enqueued at once: only what is refused waits for the promise.
    append: (x, rowIndices, scale, firstRow) =>
      atOnce(() => {
        invariant(append !== null, 'ring used before `prepared`');
        checkRowIndices(x, rowIndices, d);
        const count = rowIndices.length;
        if (count > rows)
          throw new ConfigError(`ring of ${rows} rows: cannot append ${count} at once`);
        if (count === 0) return;
        context.device.queue.writeBuffer(step, 0, ringAppendStep({ scale, count, firstRow }));
        const source = bindMatrix(x, upload);
        const bound = append.bind({
          source,
          rowIndices: listed.upload(rowIndices),
          ring: buffer,
          step,
        });
        submitPass(context, 'ring_append', (pass) => {
          bound.encode(pass, { count });
        });
      }),
    readRows: (rowIndices) => readRingRows(context, { buffer, d, dStride }, rowIndices),
    measure: meter.measure,
    finish: meter.finish,
    dispose: () => {
      meter.dispose();
      set.dispose();
    },
  };
}

/** Runs now; what it throws is the promise's. */
function atOnce(run: () => void): Promise<void> {
  return new Promise((resolve) => {
    run();
    resolve();
  });
}

/** Rows gathered by one copy. */
const ROWS_PER_READ = 2048;

async function readRingRows(
  context: GpuContext,
  { buffer, d, dStride }: { buffer: GPUBuffer; d: number; dStride: number },
  rowIndices: Uint32Array,
): Promise<Float32Array> {
  const out = new Float32Array(rowIndices.length * d);
  const rowBytes = 2 * dStride;
  const set = createBufferSet(context, 'ring_rows');
  try {
    const gathered = set.storage('rows', ROWS_PER_READ * rowBytes);
    for (let first = 0; first < rowIndices.length; first += ROWS_PER_READ) {
      const part = rowIndices.subarray(first, first + ROWS_PER_READ);
      const encoder = context.device.createCommandEncoder({ label: 'ring_rows' });
      for (const { at, row, count } of runsOf(part)) {
        const bytes = count * rowBytes;
        encoder.copyBufferToBuffer(buffer, row * rowBytes, gathered, at * rowBytes, bytes);
      }
      const staged = context.staging.stage(encoder, gathered, part.length * rowBytes);
      context.device.queue.submit([encoder.finish()]);
      const values = f16ToF32(new Uint16Array(await staged.read()));
      part.forEach((_, i) => {
        out.set(values.subarray(i * dStride, i * dStride + d), (first + i) * d);
      });
    }
  } finally {
    set.dispose();
  }
  return out;
}

/** Moments on the GPU, merged on the host in the order of the calls, so that runs repeat exactly. */
function createMomentsMeter(context: GpuContext, d: number) {
  const set = createBufferSet(context, 'activation_moments');
  const upload = createGrowingBuffer(context, set, 'upload');
  const listed = createGrowingBuffer(context, set, 'rows');
  const moments = createGrowingBuffer(context, set, 'moments');
  const norms = createGrowingBuffer(context, set, 'norms');
  const step = set.uniform('step', MOMENTS_STEP.byteLength);
  const kernel = activationMoments.prepare(context, { overrides: { d } });
  let ready: Awaited<typeof kernel> | null = null;
  let pending: Promise<MeasuredRows>[] = [];
  return {
    prepared: kernel.then((prepared) => {
      ready = prepared;
    }),
    measure: (x: Matrix, rowIndices: Uint32Array) =>
      atOnce(() => {
        invariant(ready !== null, 'ring used before `prepared`');
        checkRowIndices(x, rowIndices, d);
        const count = rowIndices.length;
        if (count === 0) return;
        const chunks = Math.ceil(count / MOMENTS_CHUNK);
        context.device.queue.writeBuffer(step, 0, packUniform(MOMENTS_STEP, { count }));
        const bound = ready.bind({
          source: bindMatrix(x, upload),
          rowIndices: listed.upload(rowIndices),
          moments: moments.reserve(chunks * d * 8),
          norms: norms.reserve(count * 4),
          step,
        });
        const encoder = context.device.createCommandEncoder({ label: 'activation_moments' });
        const pass = encoder.beginComputePass({ label: 'activation_moments' });
        bound.encode(pass, { count });
        pass.end();
        const { staging } = context;
        const staged = [
          staging.stage(encoder, moments.reserve(0), chunks * d * 8),
          staging.stage(encoder, norms.reserve(0), count * 4),
        ] as const;
        context.device.queue.submit([encoder.finish()]);
        const read = readMeasured(count, staged);
        // A lost device rejects here; the caller learns of it in `finish`.
        read.catch(() => undefined);
        pending.push(read);
      }),
    finish: async (): Promise<Calibration> => {
      const parts = await Promise.all(pending);
      pending = [];
      const total = makeMoments(d);
      for (const part of parts) addChunks(total, part, d);
      return calibrationOf(total);
    },
    dispose: set.dispose,
  };
}

type MeasuredRows = { count: number; moments: Float32Array; norms: Float32Array };

async function readMeasured(
  count: number,
  [moments, norms]: readonly [StagedRead, StagedRead],
): Promise<MeasuredRows> {
  const [a, b] = await Promise.all([moments.read(), norms.read()]);
  return { count, moments: new Float32Array(a), norms: new Float32Array(b) };
}

function addChunks(total: Moments, part: MeasuredRows, d: number): void {
  for (let first = 0, at = 0; first < part.count; first += MOMENTS_CHUNK, at += 2 * d) {
    const count = Math.min(MOMENTS_CHUNK, part.count - first);
    addMoments(total, {
      count,
      mean: part.moments.subarray(at, at + d),
      squares: part.moments.subarray(at + d, at + 2 * d),
      norms: part.norms.subarray(first, first + count),
    });
  }
}

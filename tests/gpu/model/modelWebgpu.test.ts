// The model on ONNX Runtime's WebGPU backend over Dawn, on a device of our own: placement, numbers, sharing
// of buffers, decoding. Software adapters compute slowly, so sequences are short.
import { beforeAll, expect } from 'vitest';
import type { Matrix } from '../../../src/core/handles';
import { hookPoint } from '../../../src/core/activations/hookPoint';
import type { NanochatCheckpoint } from '../../../src/core/model/nanochat';
import {
  nanochatReference,
  readReferenceWeights,
} from '../../../src/core/reference/nanochatReference';
import type { GpuContext } from '../../../src/gpu/device/device';
import { openDevice } from '../../../src/gpu/device/device';
import { bufferOf } from '../../../src/gpu/device/handles';
import { makeNanochatGraph } from '../../../src/model/nanochatGraph';
import { createModelRuntime } from '../../../src/model/modelRuntime';
import type { ModelRuntime } from '../../../src/model/modelTypes';
import { maxAbsDifference, readDemoCheckpoint, readGolden } from '../../helpers/model/modelDemo';
import { gpuTest } from '../../helpers/device/gpuTest';
import { openNodeGpu } from '../../helpers/device/nodeGpu';
import { prepareOrtOnDawn } from '../../../src/node/ortOnDawn';
import { sharedDemoRuntime } from '../../helpers/model/sharedRuntime';

let checkpoint: NanochatCheckpoint;
beforeAll(async () => {
  checkpoint = await readDemoCheckpoint();
});

async function readBack(context: GpuContext, x: Matrix): Promise<Float32Array> {
  if (x.where !== 'gpu') throw new Error('expected a GPU buffer');
  const size = x.rows * x.cols * 4;
  const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ;
  const staging = context.device.createBuffer({ label: 'readback', size, usage });
  const encoder = context.device.createCommandEncoder();
  encoder.copyBufferToBuffer(bufferOf(x.buffer), 0, staging, 0, size);
  context.device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const values = new Float32Array(staging.getMappedRange().slice(0));
  staging.destroy();
  return values;
}

// More than 72 tokens, where GroupQueryAttention went wrong on adapters with small subgroups. One length for
// all tests: another one has shaders of its own, half a minute to compile on a software adapter. Rows of a
// causal model do not depend on later ones, so the golden may be cut.
const LENGTH = 80;
const golden = readGolden('long');
/** three more for decoding */
const TOKENS = golden.tokenIds.slice(0, LENGTH + 3);

let plainLogits: Promise<Float32Array> | null = null;
/** Logits of the first LENGTH tokens, asked for once. */
function logitsOf(model: ModelRuntime): Promise<Float32Array> {
  return (plainLogits ??= model.logits(TOKENS.slice(0, LENGTH), 1));
}

gpuTest('captures agree with the first 80 tokens of golden long at every hook', async (context) => {
  const model = await sharedDemoRuntime(context);
  const { hooks } = makeNanochatGraph(checkpoint.config, checkpoint.revision, {
    hasCache: false,
    isLastRowOnly: false,
  });
  const capture = await model.capture(TOKENS.slice(0, LENGTH), 1, hooks);
  for (const hook of hooks) {
    const values = await readBack(context, capture.hooks.get(hook)!);
    const expected = golden.read(hook).subarray(0, values.length);
    expect(values).toHaveLength(LENGTH * checkpoint.config.n_embd);
    expect(maxAbsDifference(values, expected), hook).toBeLessThan(1e-3);
  }
  capture.release();
});

gpuTest('logits without and with a cache agree with the f64 twin', async (context) => {
  const model = await sharedDemoRuntime(context);
  const weights = await readReferenceWeights(checkpoint);
  const twin = nanochatReference(weights, TOKENS).logits;
  const rows = (from: number, to: number) =>
    twin.subarray(from * checkpoint.config.vocab_size, to * checkpoint.config.vocab_size);

  const logits = await logitsOf(model);
  expect(maxAbsDifference(logits, rows(0, LENGTH))).toBeLessThan(1e-3);

  const session = await model.startDecode({ lanes: 1, edits: [] });
  const first = await session.step(TOKENS.slice(0, LENGTH));
  expect(maxAbsDifference(first, rows(LENGTH - 1, LENGTH))).toBeLessThan(1e-3);
  for (let at = LENGTH; at < TOKENS.length; at++) {
    const next = await session.step(TOKENS.slice(at, at + 1));
    expect(maxAbsDifference(next, rows(at, at + 1)), `token ${at}`).toBeLessThan(1e-3);
  }
  session.dispose();
});

gpuTest('an edit works on our own buffer between two segments', async (context) => {
  const model = await sharedDemoRuntime(context);
  const ids = TOKENS.slice(0, LENGTH);
  const hook = hookPoint(1, 'hook_resid_post');
  const steered = await model.logits(ids, 1, [
    {
      hook,
      apply: async (x) => {
        const sum = (await readBack(context, x)).map((value) => value + 0.5);
        if (x.where === 'gpu') context.device.queue.writeBuffer(bufferOf(x.buffer), 0, sum);
        return x;
      },
    },
  ]);
  const weights = await readReferenceWeights(checkpoint);
  const twin = nanochatReference(weights, ids, (at, x) => {
    if (at === hook) x.forEach((value, i) => (x[i] = value + 0.5));
  });
  expect(maxAbsDifference(steered, twin.logits)).toBeLessThan(1e-3);
  expect(maxAbsDifference(steered, await logitsOf(model))).toBeGreaterThan(0.1);
});

gpuTest('a lost device is said to be lost, before a run and after', async () => {
  const gpu = await openNodeGpu();
  prepareOrtOnDawn(gpu!);
  const result = await openDevice(gpu!);
  if (!result.ok) throw new Error(result.message);
  const { device, handle } = result.context;
  const model = await createModelRuntime({ checkpoint, backend: 'webgpu', device: handle });
  const session = await model.startDecode({ lanes: 1, edits: [] });
  device.destroy();
  const lost = { problem: 'device-lost' };
  await expect(session.step(Int32Array.of(1))).rejects.toMatchObject(lost);
  await expect(model.logits(Int32Array.of(1), 1)).rejects.toMatchObject(lost);
  session.dispose();
  await model.dispose();
});

// The path that the product is built for: model, ring, SAE and steering on one WebGPU device. Activations
// go from ONNX Runtime's buffer into ours without ever visiting the CPU: the readbacks are counted.
import { afterAll, beforeAll, expect, vi } from 'vitest';
import { hookPoint } from '../../src/core/hookPoint';
import type { NanochatCheckpoint } from '../../src/core/nanochat';
import { createSteeringEdit } from '../../src/engine/steering';
import { f16ToF32 } from '../../src/core/float16';
import { createActivationRing } from '../../src/gpu/activationRing';
import { readU32 } from '../../src/gpu/buffers';
import type { GpuContext } from '../../src/gpu/device';
import { createModelRuntime } from '../../src/model/modelRuntime';
import type { ModelRuntime } from '../../src/model/modelTypes';
import { gpuTest } from '../helpers/gpuTest';
import { maxAbsDifference, readDemoCheckpoint, readGolden } from '../helpers/modelDemo';
import { openNodeGpu } from '../helpers/nodeGpu';
import { prepareOrtOnDawn } from '../helpers/ortNode';

// A software adapter compiles each shader for the first time in up to a second.
vi.setConfig({ testTimeout: 300_000 });

const HOOK = hookPoint(2, 'hook_resid_post');
let checkpoint: NanochatCheckpoint;
let gpuRuntime: ModelRuntime | null = null;

beforeAll(async () => {
  checkpoint = await readDemoCheckpoint();
});
afterAll(() => gpuRuntime?.dispose());

async function runtimeOn(context: GpuContext): Promise<ModelRuntime> {
  if (gpuRuntime !== null) return gpuRuntime;
  prepareOrtOnDawn((await openNodeGpu())!);
  const device = context.handle;
  gpuRuntime = await createModelRuntime({ checkpoint, backend: 'webgpu', device });
  return gpuRuntime;
}

gpuTest('a capture reaches the ring without one readback', async (context) => {
  const runtime = await runtimeOn(context);
  const { tokenIds, read } = readGolden('short');
  const d = checkpoint.config.n_embd;
  const ring = createActivationRing(context, { rows: 16, d });
  await ring.prepared;

  const mapAsync = vi.spyOn(GPUBuffer.prototype, 'mapAsync');
  const capture = await runtime.capture(tokenIds, 1, [HOOK]);
  const activations = capture.hooks.get(HOOK)!;
  expect(activations.where).toBe('gpu');
  // Rows 1 … 9: the BOS row is not counted.
  const rows = Uint32Array.from({ length: tokenIds.length - 1 }, (_, i) => i + 1);
  ring.append(activations, rows, 0.5, 0);
  capture.release();
  await context.device.queue.onSubmittedWorkDone();
  expect(mapAsync).not.toHaveBeenCalled();
  mapAsync.mockRestore();

  const packed = await readU32(context, ring.buffer, (rows.length * ring.dStride) / 2);
  const stored = f16ToF32(new Uint16Array(packed.buffer));
  const golden = read(HOOK).subarray(d);
  const largest = golden.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  // f16 keeps 11 bits.
  const difference = maxAbsDifference(
    stored,
    golden.map((value) => value * 0.5),
  );
  expect(difference).toBeLessThan(largest * 0.5 * 2 ** -11);
  ring.dispose();
});

gpuTest('steering on the GPU and on the CPU lead to the same logits', async (context) => {
  const onGpu = await runtimeOn(context);
  const onCpu = await createModelRuntime({ checkpoint, backend: 'wasm', device: null });
  const { tokenIds } = readGolden('short');
  const d = checkpoint.config.n_embd;
  const direction = Float32Array.from({ length: d }, (_, i) => Math.sin(i + 1) / Math.sqrt(d / 2));
  const twoLanes = Int32Array.from([...tokenIds, ...tokenIds]);
  const last = async (runtime: ModelRuntime, where: GpuContext | null, strength: number) => {
    const edit = await createSteeringEdit({
      hook: HOOK,
      direction,
      lane: 1,
      maxLength: 64,
      coefficient: () => strength,
      context: where,
    });
    const session = await runtime.startDecode({ lanes: 2, edits: [edit] });
    const logits = await session.step(twoLanes);
    session.dispose();
    edit.dispose();
    const { vocab_size: vocabSize } = checkpoint.config;
    return { baseline: logits.slice(0, vocabSize), steered: logits.slice(vocabSize) };
  };
  const gpu = await last(onGpu, context, 40);
  const cpu = await last(onCpu, null, 40);
  expect(maxAbsDifference(gpu.steered, cpu.steered)).toBeLessThan(1e-3);
  expect(maxAbsDifference(gpu.baseline, cpu.baseline)).toBeLessThan(1e-3);
  expect(maxAbsDifference(gpu.steered, gpu.baseline)).toBeGreaterThan(0.1);

  const neutral = await last(onGpu, context, 0);
  expect(neutral.steered).toEqual(neutral.baseline);
  expect(neutral.baseline).toEqual(gpu.baseline);
  await onCpu.dispose();
});

// The path that the product is built for: model, ring, SAE and steering on one WebGPU device. Activations
// go from ONNX Runtime's buffer into ours without ever visiting the CPU: the readbacks are counted.
import { beforeAll, expect, vi } from 'vitest';
import { hookPoint } from '../../../src/core/activations/hookPoint';
import type { NanochatCheckpoint } from '../../../src/core/model/nanochat';
import { STEER_MODES } from '../../../src/core/steer/steering';
import { createSteeringEdits } from '../../../src/engine/steer/steeringEdits';
import { f16ToF32 } from '../../../src/core/numeric/float16';
import { createActivationRing } from '../../../src/gpu/train/activationRing';
import { readU32 } from '../../../src/gpu/device/buffers';
import type { GpuContext } from '../../../src/gpu/device/device';
import { createModelRuntime } from '../../../src/model/modelRuntime';
import type { ModelRuntime } from '../../../src/model/modelTypes';
import { unitVector } from '../../../src/core/numeric/vectors';
import { gaussian } from '../../helpers/cases';
import { makeSteerSae } from '../../helpers/steer/steerCases';
import { gpuTest } from '../../helpers/device/gpuTest';
import { maxAbsDifference, readDemoCheckpoint, readGolden } from '../../helpers/model/modelDemo';
import { sharedDemoRuntime } from '../../helpers/model/sharedRuntime';

const HOOK = hookPoint(2, 'hook_resid_post');
const LATER_HOOK = hookPoint(3, 'hook_mlp_out');
let checkpoint: NanochatCheckpoint;
beforeAll(async () => {
  checkpoint = await readDemoCheckpoint();
});

gpuTest('a capture reaches the ring without one readback', async (context) => {
  const runtime = await sharedDemoRuntime(context);
  // As long as in modelWebgpu.test.ts: ONNX Runtime compiles its shaders anew for each length.
  const length = 80;
  const { tokenIds: longer, read } = readGolden('long');
  const tokenIds = longer.slice(0, length);
  const d = checkpoint.config.n_embd;
  const ring = createActivationRing(context, { rows: 128, d });
  await ring.prepared;

  const mapAsync = vi.spyOn(GPUBuffer.prototype, 'mapAsync');
  const capture = await runtime.capture(tokenIds, 1, [HOOK]);
  const activations = capture.hooks.get(HOOK)!;
  expect(activations.where).toBe('gpu');
  // Rows from 1 on: the BOS row is not counted.
  const rows = Uint32Array.from({ length: tokenIds.length - 1 }, (_, i) => i + 1);
  await ring.append(activations, rows, 0.5, 0);
  capture.release();
  await context.device.queue.onSubmittedWorkDone();
  expect(mapAsync).not.toHaveBeenCalled();
  mapAsync.mockRestore();

  const packed = await readU32(context, ring.buffer, (rows.length * ring.dStride) / 2);
  const stored = f16ToF32(new Uint16Array(packed.buffer));
  const golden = read(HOOK).subarray(d, length * d);
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
  const onGpu = await sharedDemoRuntime(context);
  const onCpu = await createModelRuntime({ checkpoint, backend: 'wasm', device: null });
  const { tokenIds } = readGolden('short');
  const d = checkpoint.config.n_embd;
  // Two hook points; a TopK SAE, whose code is computed on the way, vectors solved together, one mode each.
  const sae = makeSteerSae('topk', { d, d_sae: 200, seed: 4 });
  const slots = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => {
    const direction = unitVector(gaussian(d, 30 + i));
    const latent = i < 5 ? { params: sae, latentIndex: 20 * i } : null;
    const shape = { isNorm: i === 6, scale: 1, direction, latent };
    const edit = { ...shape, mode: STEER_MODES[i % STEER_MODES.length]! };
    return { hook: i % 2 === 0 ? HOOK : LATER_HOOK, edit, maxAct: null, sae: null };
  });
  const twoLanes = Int32Array.from([...tokenIds, ...tokenIds]);
  const last = async (runtime: ModelRuntime, where: GpuContext | null, strength: number | null) => {
    const edits = await createSteeringEdits({
      slots,
      clip: 1,
      maxRows: 64,
      context: where,
      breathe: () => Promise.resolve(),
    });
    const session = await runtime.startDecode({ lanes: 2, edits: edits.edits });
    const steered = Array.from(tokenIds, (_, i) => i > 0);
    edits.prepare({ lane: 1, steered, values: () => slots.map(() => strength) });
    const logits = await session.step(twoLanes);
    const readout = await edits.read();
    session.dispose();
    edits.dispose();
    const { vocab_size: vocabSize } = checkpoint.config;
    return { baseline: logits.slice(0, vocabSize), steered: logits.slice(vocabSize), readout };
  };
  const gpu = await last(onGpu, context, 3);
  const cpu = await last(onCpu, null, 3);
  expect(maxAbsDifference(gpu.steered, cpu.steered)).toBeLessThan(1e-3);
  expect(maxAbsDifference(gpu.baseline, cpu.baseline)).toBeLessThan(1e-3);
  expect(maxAbsDifference(gpu.steered, gpu.baseline)).toBeGreaterThan(0.1);

  for (const [at, edit] of cpu.readout.edits.entries()) {
    expect(gpu.readout.edits[at]!.relativeNorm).toBeCloseTo(edit.relativeNorm, 3);
    expect(gpu.readout.edits[at]!.editedRows).toBe(tokenIds.length - 1);
  }

  const neutral = await last(onGpu, context, null);
  expect(neutral.steered).toEqual(neutral.baseline);
  expect(neutral.baseline).toEqual(gpu.baseline);
  await onCpu.dispose();
});

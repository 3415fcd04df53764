// npm run bench -- import [--json] [--precision f32|f16|int8|int4] [--size d20|tiny] [--skip-big]
//   [--revisions r5-grouped,r1-padded]
// Imports of every revision against upstream's logits, what importing and loading a d20 (or a tiny model that goes the
// same way) takes of the JavaScript heap, and the second opening of the demo up to its first token. The precision is
// what the product would choose on this adapter, unless one is given. Last line: JSON.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { choosePrecision, modelNeeds } from '../src/core/model/modelNeeds';
import type { NanochatCheckpoint } from '../src/core/model/nanochat';
import { WEIGHT_PRECISIONS, type WeightPrecision } from '../src/core/model/weightPrecision';
import { identifyModel } from '../src/engine/model/modelIdentity';
import { readNanochatFolder } from '../src/formats/model/nanochatFolder';
import type { GpuContext } from '../src/gpu/device/device';
import { createModelRuntime } from '../src/model/modelRuntime';
import { createMemoryFileStore } from '../src/storage/fileStore';
import { createMemoryStorage } from '../src/storage/memoryStorage';
import { maxAbsDifference } from '../tests/helpers/model/modelDemo';
import { startNodeEngine } from '../tests/helpers/engine/nodeEngine';
import { openNodeGpu } from '../tests/helpers/device/nodeGpu';
import { makeNodeParts, openNodeDevice } from '../tests/helpers/engine/nodeParts';
import { prepareOrtOnDawn } from '../src/node/ortOnDawn';
import { readRevisionFixture, REVISION_FIXTURES } from '../tests/helpers/model/revisionFixture';
import { WRITTEN_SIZES, writeModel, type WrittenSize } from './import/writtenModel';

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean' },
      precision: { type: 'string' },
      size: { type: 'string', default: 'd20' },
      revisions: { type: 'string', default: REVISION_FIXTURES.join() },
      'skip-big': { type: 'boolean' },
    },
  });
  const precision = WEIGHT_PRECISIONS.find((known) => known === values.precision) ?? null;
  if (precision === null && values.precision !== undefined) {
    throw new Error(
      `import: --precision ${values.precision}; known: ${WEIGHT_PRECISIONS.join(', ')}`,
    );
  }
  const size = Object.entries(WRITTEN_SIZES).find(([name]) => name === values.size)?.[1];
  if (size === undefined) {
    throw new Error(
      `import: --size ${values.size}; known: ${Object.keys(WRITTEN_SIZES).join(', ')}`,
    );
  }
  const maxAbsLogitError = await measureRevisions(values.revisions.split(','));
  const secondOpen = await measureSecondOpen();
  const big = values['skip-big'] === true ? null : await measureBigImport(size, precision);
  if (values.json !== true) console.table({ maxAbsLogitError });
  console.log(JSON.stringify({ maxAbsLogitError, ...big, ...secondOpen }));
}

/** Largest difference of any logit, by fixture, on wasm in f32. */
async function measureRevisions(fixtures: readonly string[]): Promise<Record<string, number>> {
  const errors: Record<string, number> = {};
  for (const name of fixtures) {
    const { checkpoint, note, golden } = await readRevisionFixture(name);
    const runtime = await createModelRuntime({ checkpoint, backend: 'wasm', device: null });
    const logits = await runtime.logits(Int32Array.from(note.token_ids), 1);
    const width = checkpoint.config.vocab_size;
    const rows = note.rows.flatMap((row) => [...logits.subarray(row * width, (row + 1) * width)]);
    errors[name] = maxAbsDifference(rows, golden.get('logits') ?? []);
    await runtime.dispose();
  }
  return errors;
}

/** Opens the demo, waits until it is kept, and opens it in a fresh engine up to the first token. */
async function measureSecondOpen(): Promise<{ firstOpenMs: number; secondOpenMs: number }> {
  const shared = { storage: createMemoryStorage(), files: createMemoryFileStore() };
  const open = async () => {
    const { engine, events } = await startNodeEngine(makeNodeParts(shared));
    const started = performance.now();
    const opened = await engine.model.open({ kind: 'demo' });
    if (!opened.ok) throw new Error(opened.problem.what);
    const form = { maxTokens: 1, temperature: 0, topK: 1, seed: 0 };
    await engine.generate.run(1, { prompt: 'Once upon a time', ...form });
    const ms = Math.round(performance.now() - started);
    while (!events.some((event) => event.kind === 'keptModels' && event.models.length > 0)) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return ms;
  };
  const firstOpenMs = await open();
  return { firstOpenMs, secondOpenMs: await open() };
}

/** Writes, reads, identifies and loads a model for decoding on WebGPU, and takes one step. */
async function measureBigImport(size: WrittenSize, wanted: WeightPrecision | null) {
  const folder = await mkdtemp(join(tmpdir(), 'nanoscope-d20-'));
  const opened = await openNodeDevice();
  const gpu = await openNodeGpu();
  if (!opened.ok || gpu === null) throw new Error('import: no WebGPU device');
  prepareOrtOnDawn(gpu);
  try {
    const files = await writeModel(folder, size);
    const heap = watchHeap();
    const started = performance.now();
    const { checkpoint, tokenizer } = await readNanochatFolder(files);
    const precision = fittingPrecision(opened.context, checkpoint, wanted);
    await identifyModel(checkpoint, tokenizer, () => new Promise(setImmediate));
    const identifyMs = Math.round(performance.now() - started);
    const { peakHeapMB: identifyPeakHeapMB } = heap.peaks();
    console.error(JSON.stringify({ identifyMs, identifyPeakHeapMB }));
    const runtime = await createModelRuntime({
      checkpoint,
      backend: 'webgpu',
      device: opened.context.handle,
      weightPrecision: precision,
      maxPlans: 1,
      onProgress: (done, total) => {
        if (done % 50 === 0) console.error(JSON.stringify({ done, total, ...heap.peaks() }));
      },
    });
    const decode = await runtime.startDecode({ lanes: 1, edits: [] });
    const importMs = Math.round(performance.now() - started);
    console.error(JSON.stringify({ importMs, ...heap.peaks() }));
    await decode.step(Int32Array.of(size.vocab_size - 1));
    const peaks = heap.stop();
    decode.dispose();
    const { parameterCount } = checkpoint;
    const adapter = opened.context.adapter;
    return {
      ...peaks,
      identifyPeakHeapMB,
      identifyMs,
      importMs,
      parameterCount,
      precision,
      adapter,
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The wanted precision, else what the product would choose; an error with the way out where this adapter cannot. */
function fittingPrecision(
  { caps, hasF16 }: GpuContext,
  { config, tensors }: NanochatCheckpoint,
  wanted: WeightPrecision | null,
): WeightPrecision {
  const choice = choosePrecision(
    WEIGHT_PRECISIONS.map((precision) => modelNeeds(config, tensors, precision)),
    {
      backend: 'webgpu',
      maxBufferSize: caps.bufferBytes,
      maxStorageBufferBindingSize: caps.storageBindingBytes,
      hasHalf: hasF16,
    },
    wanted,
  );
  if (!choice.ok) throw new Error(`import: ${choice.reason}`);
  console.error(choice.reason);
  return choice.precision;
}

/** Peaks, sampled every 5 ms: of JavaScript's heap with its array buffers, and of what lies outside both, which is
 *  WebAssembly's memory: it never shrinks, and Node counts it as `external`. */
function watchHeap() {
  const peak = { heap: 0, wasm: 0 };
  const sample = () => {
    const { heapUsed, external, arrayBuffers } = process.memoryUsage();
    peak.heap = Math.max(peak.heap, heapUsed + arrayBuffers);
    peak.wasm = Math.max(peak.wasm, external - arrayBuffers);
  };
  const timer = setInterval(sample, 5);
  const peaks = () => ({
    peakHeapMB: Math.round(peak.heap / 1e6),
    peakWasmMB: Math.round(peak.wasm / 1e6),
  });
  return {
    peaks,
    stop: () => {
      sample();
      clearInterval(timer);
      return peaks();
    },
  };
}

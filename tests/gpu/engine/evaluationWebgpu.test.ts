// The evaluation where model and SAE share one WebGPU device: edits get GPU matrices and hand back CPU ones.
// A tiny random model, because a software adapter computes slowly; the same numbers as on wasm are expected.
import { expect } from 'vitest';
import type { NanochatConfig } from '../../../src/core/model/nanochat';
import { makeRng } from '../../../src/core/numeric/rng';
import type { SaeParams } from '../../../src/core/sae/sae';
import type { PackedCorpus } from '../../../src/engine/text/corpusHost';
import { evaluateSae } from '../../../src/engine/evaluate/evaluateSae';
import { NANOCHAT_REVISIONS } from '../../../src/formats/model/nanochatRevision';
import type { GpuContext } from '../../../src/gpu/device/device';
import { readMatrix } from '../../../src/gpu/device/readMatrix';
import { createSaeEncoder } from '../../../src/gpu/sae/saeEncoder';
import { createModelRuntime } from '../../../src/model/modelRuntime';
import { gpuTest } from '../../helpers/device/gpuTest';
import { makeRandomCheckpoint, randomTokens } from '../../helpers/model/modelRandom';
import { openNodeGpu } from '../../helpers/device/nodeGpu';
import { prepareOrtOnDawn } from '../../../src/node/ortOnDawn';

const CONFIG: NanochatConfig = {
  sequence_len: 32,
  vocab_size: 70,
  n_layer: 2,
  n_head: 2,
  n_kv_head: 2,
  n_embd: 32,
  window_pattern: 'L',
};
const [D_SAE, K, LENGTH, SEQUENCES] = [64, 4, 12, 2];
const checkpoint = makeRandomCheckpoint(CONFIG, NANOCHAT_REVISIONS[0]!, 31);

function randomSae(): SaeParams {
  const rng = makeRng(9);
  const random = (n: number, size: number) =>
    Float32Array.from({ length: n }, () => size * rng.normal());
  const d_in = CONFIG.n_embd;
  return {
    architecture: 'topk',
    d_in,
    d_sae: D_SAE,
    k: K,
    W_enc: random(d_in * D_SAE, 0.2),
    b_enc: random(D_SAE, 0.1),
    W_dec: random(D_SAE * d_in, 0.2),
    b_dec: random(d_in, 0.1),
    applyBDecToInput: true,
  };
}

const sequences = Array.from({ length: SEQUENCES }, (_, i) =>
  randomTokens(LENGTH, CONFIG.vocab_size, 40 + i),
);
const corpus: PackedCorpus = {
  contextSize: LENGTH,
  count: SEQUENCES,
  sequence: (index) => sequences[index]!,
  // The first token of each stands for <|bos|>.
  countedPositions: () => Uint32Array.from({ length: LENGTH - 1 }, (_, i) => i + 1),
};

async function evaluateOn(backend: 'wasm' | 'webgpu', context: GpuContext) {
  const device = backend === 'webgpu' ? context.handle : null;
  const runtime = await createModelRuntime({ checkpoint, backend, device });
  const encoder = await createSaeEncoder(context, randomSae());
  try {
    return await evaluateSae({
      params: randomSae(),
      hook: 'blocks.1.hook_resid_pre',
      encoder,
      runtime,
      corpus,
      tokens: 1000,
      readMatrix: (x) => readMatrix(context, x),
      onBatch: () => Promise.resolve(),
    });
  } finally {
    encoder.dispose();
    await runtime.dispose();
  }
}

gpuTest('an evaluation on WebGPU gives the numbers of one on wasm', async (context) => {
  prepareOrtOnDawn((await openNodeGpu())!);
  const { density, ...webgpu } = await evaluateOn('webgpu', context);
  const { density: expected, ...wasm } = await evaluateOn('wasm', context);
  expect(webgpu.tokens).toBe(SEQUENCES * (LENGTH - 1));
  expect(density.counts).toEqual(expected.counts);
  for (const [name, value] of Object.entries(webgpu)) {
    const there = wasm[name as keyof typeof wasm]!;
    expect(Math.abs(value! - there), name).toBeLessThan(1e-4 * Math.max(1, Math.abs(there)));
  }
  expect(webgpu.klWithSae).toBeGreaterThan(0.001);
  expect(Math.abs(webgpu.ceAblated - webgpu.ceWithSae)).toBeGreaterThan(0.001);
});

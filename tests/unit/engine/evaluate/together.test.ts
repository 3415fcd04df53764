// Transcoders of all blocks spliced in at once, against a float64 forward pass with the same edits inside.
import { expect, it } from 'vitest';
import { hookPoint } from '../../../../src/core/activations/hookPoint';
import { reconstruct } from '../../../../src/core/evaluate/reconstruction';
import {
  nanochatReference,
  readReferenceWeights,
} from '../../../../src/core/reference/nanochatReference';
import type { TopKParams } from '../../../../src/core/sae/sae';
import {
  evaluateTogether,
  measuredTogether,
} from '../../../../src/engine/evaluate/evaluateTogether';
import type { PackedCorpus } from '../../../../src/engine/text/corpusHost';
import { NANOCHAT_REVISIONS } from '../../../../src/formats/model/nanochatRevision';
import { createModelRuntime } from '../../../../src/model/modelRuntime';
import { makeSaeParams } from '../../../helpers/cases';
import {
  FOUR_LAYERS,
  makeRandomCheckpoint,
  randomTokens,
} from '../../../helpers/model/modelRandom';
import { encodeReference } from '../../../helpers/sae/encoderTests';
import { CPU_BACKEND } from '../../../helpers/sae/saeBackends';

const { n_layer: layers, n_embd: width, vocab_size: vocabSize } = FOUR_LAYERS;
const LENGTH = 12;
const SPECIAL = 5;

function transcoder(layer: number): TopKParams {
  const params = makeSaeParams({ seed: 20 + layer, d_in: width, d_sae: 48, k: 6 });
  return { ...params, applyBDecToInput: false };
}

function crossEntropy(logits: Float64Array, t: number, target: number): number {
  const row = logits.subarray(t * vocabSize, (t + 1) * vocabSize);
  const highest = Math.max(...row);
  const sum = row.reduce((total, value) => total + Math.exp(value - highest), 0);
  return highest + Math.log(sum) - row[target]!;
}

it('is what a float64 pass gives in which every transcoder reads what the others changed', async () => {
  const checkpoint = makeRandomCheckpoint(FOUR_LAYERS, NANOCHAT_REVISIONS.at(-1)!, 4);
  const ids = randomTokens(LENGTH, vocabSize, 6);
  ids[7] = SPECIAL;
  const isCounted = (position: number) => ids[position] !== SPECIAL;
  const all = Array.from({ length: layers }, (_, layer) => transcoder(layer));

  const weights = await readReferenceWeights(checkpoint);
  const pass = (mode: 'clean' | 'spliced' | 'silent') => {
    let read = new Float64Array();
    return nanochatReference(weights, ids, (hook, x) => {
      const layer = all.findIndex((_, i) => hook.startsWith(`blocks.${i}.`));
      if (hook === hookPoint(layer, 'ln2.hook_normalized')) read = x.slice();
      if (mode === 'clean' || hook !== hookPoint(layer, 'hook_mlp_out')) return;
      const rows = Uint32Array.from(ids.keys());
      const code = encodeReference(all[layer]!, Float32Array.from(read), rows);
      const written = reconstruct(all[layer]!, code, LENGTH);
      x.forEach((_, j) => {
        if (isCounted(Math.floor(j / width))) x[j] = mode === 'silent' ? 0 : written[j]!;
      });
    }).logits;
  };
  const logits = { clean: pass('clean'), spliced: pass('spliced'), silent: pass('silent') };
  const counted = Array.from(ids.keys()).filter(
    (t) => t + 1 < LENGTH && isCounted(t) && isCounted(t + 1),
  );
  const mean = (of: Float64Array) =>
    counted.reduce((sum, t) => sum + crossEntropy(of, t, ids[t + 1]!), 0) / counted.length;

  const runtime = await createModelRuntime({ checkpoint, backend: 'wasm', device: null });
  const corpus: PackedCorpus = {
    contextSize: LENGTH,
    count: 1,
    sequence: () => ids,
    countedPositions: () => Uint32Array.from(ids.keys()).filter(isCounted),
  };
  const transcoders = await Promise.all(
    all.map(async (params, layer) => ({
      params,
      hook: hookPoint(layer, 'ln2.hook_normalized'),
      encoder: await CPU_BACKEND.createEncoder(params),
    })),
  );
  const { readMatrix } = CPU_BACKEND;
  const seen: number[] = [];
  const onBatch = (done: number) => Promise.resolve(void seen.push(done));
  const measured = await evaluateTogether({
    transcoders,
    runtime,
    corpus,
    tokens: 100,
    readMatrix,
    onBatch,
  });
  await runtime.dispose();

  expect(seen).toEqual([LENGTH - 1]);
  expect(measured.positions).toBe(counted.length);
  expect(measured.ceClean).toBeCloseTo(mean(logits.clean), 4);
  expect(measured.ceWithSae).toBeCloseTo(mean(logits.spliced), 4);
  expect(measured.ceAblated).toBeCloseTo(mean(logits.silent), 4);
  // The three are further apart than the tolerance.
  const [clean, spliced, silent] = [measured.ceClean, measured.ceWithSae, measured.ceAblated];
  expect(
    Math.min(...[clean - spliced, clean - silent, spliced - silent].map(Math.abs)),
  ).toBeGreaterThan(0.01);
});

it('takes transcoders of several blocks, one a block, and leaves SAEs out', () => {
  const at = (layer: number) => ({ hookPoint: hookPoint(layer, 'ln2.hook_normalized') });
  const sae = { hookPoint: hookPoint(0, 'hook_resid_post') };
  expect(measuredTogether([at(0), sae, at(3)])).toEqual([at(0), at(3)]);
  expect(measuredTogether([at(1), sae])).toEqual([]);
  // Which of the two would it be?
  expect(measuredTogether([at(1), at(1), at(2)])).toEqual([]);
});

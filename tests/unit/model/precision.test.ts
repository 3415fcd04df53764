// Weights in other precisions, and models too large for one session, on the wasm backend.
import { beforeAll, describe, expect, it } from 'vitest';
import { f16ToF32, f32ToF16 } from '../../../src/core/numeric/float16';
import type { NanochatCheckpoint, TensorSource } from '../../../src/core/model/nanochat';
import { quantise } from '../../../src/core/model/quantise';
import { dequantiseReference } from '../../../src/core/reference/quantise';
import type { WeightPrecision } from '../../../src/core/model/weightPrecision';
import { weightForm } from '../../../src/core/model/weightPrecision';
import { NANOCHAT_REVISIONS } from '../../../src/formats/model/nanochatRevision';
import { createModelRuntime } from '../../../src/model/modelRuntime';
import { makeNanochatGraph } from '../../../src/model/nanochatGraph';
import { planSegments } from '../../../src/model/planSegments';
import { maxAbsDifference } from '../../helpers/model/modelDemo';
import { FOUR_LAYERS, makeRandomCheckpoint, randomTokens } from '../../helpers/model/modelRandom';

async function logitsOf(
  checkpoint: NanochatCheckpoint,
  tokenIds: Int32Array,
  o: { weightPrecision?: WeightPrecision; cuts?: { blockValues: number; segmentBytes: number } },
): Promise<{ logits: Float32Array; stepped: Float32Array }> {
  const runtime = await createModelRuntime({ checkpoint, backend: 'wasm', device: null, ...o });
  try {
    const logits = await runtime.logits(tokenIds, 1);
    const decode = await runtime.startDecode({ lanes: 1, edits: [] });
    await decode.step(tokenIds.subarray(0, 5));
    const stepped = await decode.step(tokenIds.subarray(5));
    decode.dispose();
    return { logits, stepped };
  } finally {
    await runtime.dispose();
  }
}

/** Every tensor as `precision` keeps it, back in f32: an f32 run of it computes what the precision should. */
async function roundedCheckpoint(
  checkpoint: NanochatCheckpoint,
  precision: WeightPrecision,
): Promise<NanochatCheckpoint> {
  const tensors = new Map<string, TensorSource>();
  for (const [name, source] of checkpoint.tensors) {
    const [rows = 1, width = 1] = source.shape;
    const form = weightForm(precision, {
      rows,
      width,
      isVocabulary: /wte|lm_head|value_emb/.test(name),
    });
    const read = await source.read();
    const values =
      form === 'f16'
        ? f16ToF32(f32ToF16(read))
        : form === 'f32'
          ? read
          : dequantiseReference(quantise(read, form === 'q8' ? 8 : 4), form === 'q8' ? 8 : 4);
    tensors.set(name, {
      ...source,
      read: () => Promise.resolve(values),
      readPart: (start, end) => Promise.resolve(values.subarray(start, end)),
    });
  }
  return { ...checkpoint, tensors };
}

// Its weights are f32 that no other precision holds exactly; the demo's are bf16.
describe('weights of a model of its own', () => {
  const revision = NANOCHAT_REVISIONS.find((row) => row.name === 'r5')!;
  // Each matrix alone is large enough to be converted; the graph joins q, k and v.
  const config = { ...FOUR_LAYERS, vocab_size: 200, n_kv_head: 4, n_embd: 128 };
  const checkpoint = makeRandomCheckpoint(config, revision, 5);
  const tokenIds = randomTokens(12, config.vocab_size, 6);
  let exact: { logits: Float32Array };
  beforeAll(async () => {
    exact = await logitsOf(checkpoint, tokenIds, {});
  });

  it.each(['f16', 'int8', 'int4'] as const)(
    'in %s give the logits of the f32 model whose weights were rounded so',
    async (weightPrecision) => {
      const rounded = await roundedCheckpoint(checkpoint, weightPrecision);
      const expected = await logitsOf(rounded, tokenIds, {});
      const { logits, stepped } = await logitsOf(checkpoint, tokenIds, { weightPrecision });
      expect(maxAbsDifference(logits, expected.logits)).toBeLessThan(2e-4);
      expect(maxAbsDifference(stepped, expected.stepped)).toBeLessThan(2e-4);
      // And it is another model than the unrounded one: the choice arrived.
      expect(maxAbsDifference(logits, exact.logits)).toBeGreaterThan(1e-3);
    },
  );

  it('refuses a weight that f16 cannot hold, by name', async () => {
    const tensors = new Map(checkpoint.tensors);
    const name = 'transformer.h.0.mlp.c_fc.weight';
    const source = tensors.get(name)!;
    const readPart = async (start: number, end: number) => {
      const values = await source.readPart(start, end);
      values[0] = 70_000;
      return values;
    };
    tensors.set(name, { ...source, readPart });
    const refused = logitsOf({ ...checkpoint, tensors }, tokenIds, {
      weightPrecision: 'f16',
    });
    await expect(refused).rejects.toThrow(/c_fc\.weight: the weight 70000 is beyond 65,504/);
  });
});

// r5 has every part: smear, value embeddings, backout.
describe.each(['r5', 'r1'] as const)('a model of revision %s in pieces', (name) => {
  const revision = NANOCHAT_REVISIONS.find((row) => row.name === name)!;
  const config = {
    sequence_len: 64,
    vocab_size: 200,
    n_layer: 3,
    n_head: 4,
    n_kv_head: 2,
    n_embd: 64,
    window_pattern: 'SL',
  };
  const checkpoint = makeRandomCheckpoint(config, revision, 11);
  const tokenIds = randomTokens(12, config.vocab_size, 4);
  // Tables of 200 rows in blocks of 47 and less; a session for nearly every matrix.
  const cuts = { blockValues: 3000, segmentBytes: 10_000 };
  let whole: { logits: Float32Array; stepped: Float32Array };
  beforeAll(async () => {
    whole = await logitsOf(checkpoint, tokenIds, {});
  });

  it('is cut into many sessions, none far over the limit', () => {
    const graph = makeNanochatGraph(config, revision, {
      hasCache: false,
      isLastRowOnly: false,
      maxBlockValues: cuts.blockValues,
    });
    const request = { captures: [], edits: [], outputs: [graph.logits] };
    expect(planSegments(graph, request)).toHaveLength(1);
    const segments = planSegments(graph, { ...request, maxWeightBytes: cuts.segmentBytes });
    expect(segments.length).toBeGreaterThan(20);
  });

  it.each(['f32', 'f16'] as const)(
    'computes what it computes whole, in %s',
    async (weightPrecision) => {
      const cut = await logitsOf(checkpoint, tokenIds, { cuts, weightPrecision });
      const tolerance = weightPrecision === 'f32' ? 2e-5 : 2e-2;
      expect(maxAbsDifference(cut.logits, whole.logits)).toBeLessThan(tolerance);
      expect(maxAbsDifference(cut.stepped, whole.stepped)).toBeLessThan(tolerance);
    },
  );
});

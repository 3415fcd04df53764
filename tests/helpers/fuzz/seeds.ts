// Sound files that mutations start from: fixtures, the demo's, and small ones built here.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { f32ToF16 } from '../../../src/core/numeric/float16';
import { PARTNERS } from '../../../src/core/statistics/coActivation';
import { HISTOGRAM_BINS } from '../../../src/core/statistics/latentStatistics';
import {
  NEIGHBOURS,
  RANKED_LOGITS,
  type SaeStatistics,
} from '../../../src/core/statistics/saeStatistics';
import { expectedTensors, NANOCHAT_REVISIONS } from '../../../src/formats/model/nanochatRevision';
import { formatSaeLens } from '../../../src/formats/sae/saelens';
import { tokenizerPickle, torchPickle, torchZip } from '../../unit/formats/archives/pickleBuilder';
import type { BuiltTensor } from '../../unit/formats/archives/pickleBuilder';
import { makeSaeParams } from '../cases';

export function fixture(path: string): Uint8Array {
  const bytes = readFileSync(`tests/fixtures/${path}`);
  return path.endsWith('.gz') ? new Uint8Array(gunzipSync(bytes)) : new Uint8Array(bytes);
}

export function demo(path: string): Uint8Array {
  return new Uint8Array(readFileSync(`public/demo/${path}`));
}

const CONFIG = {
  sequence_len: 16,
  vocab_size: 258,
  n_layer: 2,
  n_head: 1,
  n_kv_head: 1,
  n_embd: 4,
  window_pattern: 'SL',
};

/** A whole nanochat folder of revision r2, as small as one can be: 256 bytes, "ab" and <|bos|>. */
export function tinyFolder(): { model: Uint8Array; meta: Uint8Array; tokenizer: Uint8Array } {
  const revision = NANOCHAT_REVISIONS.find(({ name }) => name === 'r2')!;
  const tensors: BuiltTensor[] = [];
  const data: Record<string, ArrayBufferView> = {};
  for (const [name, shape] of expectedTensors(CONFIG, revision)) {
    const key = String(tensors.length);
    const elements = shape.reduce((product, n) => product * n, 1);
    const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
    data[key] = Float32Array.from({ length: elements }, (_, i) => Math.sin(i));
    tensors.push({ name, key, elements, shape: [...shape], strides });
  }
  const meta = { step: 7, val_bpb: 1.25, model_config: CONFIG, user_config: { run: 'x' } };
  return {
    model: torchZip({ pickle: torchPickle(tensors), data }),
    meta: new TextEncoder().encode(JSON.stringify(meta)),
    tokenizer: tokenizerPickle({}),
  };
}

/** cfg.json, sae_weights.safetensors and sparsity.safetensors by name. */
export function tinySae(): Map<string, Uint8Array<ArrayBuffer>> {
  return formatSaeLens(makeSaeParams({ seed: 3, d_in: 6, d_sae: 10, k: 2 }), {
    hookPoint: 'blocks.0.hook_resid_post',
    modelName: 'm',
    contextSize: 16,
    prependBos: true,
    excludeSpecialTokens: true,
    datasetPath: 'text',
    statistics: { tokens: 500, datasetPath: 'text' },
    version: '0.1.0',
    tokens: 1000,
    l0: 1.9,
    deadCount: 1,
    ...({ architecture: 'topk', k: 2 } as const),
    explainedVariance: 0.81,
    fireRates: Float64Array.from({ length: 10 }, (_, i) => i / 40),
  });
}

/** Statistics of two latents with one example each. */
export function tinyStatistics(): SaeStatistics {
  const d_sae = 2;
  const ranked = () => new Float32Array(d_sae * RANKED_LOGITS).fill(0.5);
  return {
    d_sae,
    countedTokens: 100,
    fireCount: Uint32Array.of(3, 0),
    actSum: Float64Array.of(1.5, 0),
    maxAct: Float32Array.of(1, 0),
    range: Float32Array.of(1, 1),
    histogram: new Uint32Array(d_sae * HISTOGRAM_BINS),
    examples: {
      passageEnds: Uint32Array.of(4),
      tokenIds: Uint32Array.of(7, 7, 7, 7),
      spanEnds: Uint32Array.of(1, 1),
      exampleEnds: Uint32Array.of(1, 1),
      spanPassage: Uint32Array.of(0),
      actEnds: Uint32Array.of(2),
      actPosition: Uint16Array.of(1, 2),
      actBits: f32ToF16(Float32Array.of(1, 0.25)),
      exampleSpan: Uint16Array.of(0),
      examplePosition: Uint16Array.of(1),
      exampleRepeats: Uint16Array.of(1),
      exampleGroup: Uint8Array.of(0),
    },
    logits: {
      topIds: new Uint32Array(d_sae * RANKED_LOGITS),
      topValues: ranked(),
      bottomIds: new Uint32Array(d_sae * RANKED_LOGITS),
      bottomValues: ranked(),
    },
    topKept: 20,
    tokenTexts: new Map([[7, 'é']]),
    details: {
      excludedTokens: 3,
      powerSums: {
        actSum2: Float64Array.of(1.06, 0),
        actSum3: Float64Array.of(1.01, 0),
        actSum4: Float64Array.of(1, 0),
      },
      neighbours: {
        indices: new Uint32Array(d_sae * NEIGHBOURS),
        cosines: new Float32Array(d_sae * NEIGHBOURS).fill(0.5),
      },
      partners: {
        tokens: 9,
        indices: new Uint32Array(d_sae * PARTNERS),
        phi: new Float32Array(d_sae * PARTNERS).fill(0.25),
        together: new Uint32Array(d_sae * PARTNERS).fill(6),
        conditional: new Float32Array(d_sae * PARTNERS).fill(0.5),
      },
    },
  };
}

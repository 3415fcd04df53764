// Statistics of an SAE over rows that another tool computed, where no model is: every row stands by itself, so that a
// row's number takes the place of a token's id. What needs the model (logits) stays empty.
import { topPartners } from '../../core/statistics/coActivation';
import { addToArchive, makeCodeArchive } from '../../core/statistics/codeArchive';
import { FULL_EXAMPLES } from '../../core/statistics/exampleChoice';
import { cutLatentExamples } from '../../core/statistics/latentExamples';
import {
  addSparseCode,
  makeLatentStatistics,
  TOP_TOKENS,
} from '../../core/statistics/latentStatistics';
import type { SaeParams } from '../../core/sae/sae';
import { NO_LOGITS, type SaeStatistics } from '../../core/statistics/saeStatistics';
import type { SaeBackend } from '../../core/train/saeBackend';
import { decoderNeighbours } from './decoderNeighbours';

/** Encoded at once. */
const ROWS = 4096;

/** data: [rows, d_in], model units. textOf: what a row is called. onProgress: rows done; throws to cancel. */
export async function rowStatistics(o: {
  backend: SaeBackend;
  params: SaeParams;
  data: Float32Array;
  textOf: (row: number) => string;
  /** strongest rows kept of each latent, at most TOP_TOKENS */
  topKept: number;
  onProgress: (done: number) => Promise<void> | void;
}): Promise<SaeStatistics> {
  const { backend, params, data, textOf } = o;
  const { d_in: width, d_sae: latents } = params;
  const rows = data.length / width;
  const sizes = { contextSize: 1, d_sae: latents };
  const stats = makeLatentStatistics(sizes);
  const archive = makeCodeArchive({ ...sizes, sequences: rows });
  archive.tokenIds.set(Int32Array.from({ length: rows }, (_, row) => row));
  const neighbours = await decoderNeighbours(backend, params, () => Promise.resolve());
  const encoder = await backend.createEncoder(params, { rows: 256 });
  try {
    for (let first = 0; first < rows; first += ROWS) {
      const count = Math.min(ROWS, rows - first);
      const part = data.slice(first * width, (first + count) * width);
      const own = Uint32Array.from({ length: count }, (_, i) => i);
      const x = { where: 'cpu', rows: count, cols: width, data: part } as const;
      const code = await encoder.encode(x, own);
      const numbers = own.map((row) => first + row);
      addSparseCode(stats, code, numbers);
      addToArchive(archive, code, numbers);
      await o.onProgress(first + count);
    }
  } finally {
    encoder.dispose();
  }
  const examples = cutLatentExamples(stats, archive, { ...FULL_EXAMPLES, top: o.topKept });
  const { actSum2, actSum3, actSum4 } = stats;
  return {
    ...stats,
    maxAct: Float32Array.from({ length: latents }, (_, i) => stats.top.acts[i * TOP_TOKENS] ?? 0),
    examples,
    topKept: o.topKept,
    logits: NO_LOGITS,
    details: {
      excludedTokens: 0,
      powerSums: { actSum2, actSum3, actSum4 },
      neighbours,
      partners: topPartners(stats.coActivations),
    },
    tokenTexts: new Map(Array.from(examples.tokenIds, (row) => [row, textOf(row)])),
  };
}

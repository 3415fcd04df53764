// Measures a SAELens directory with the model in the loop on held-out text: the same evaluator, text and
// tokens for every side.
import { openAsBlob } from 'node:fs';
import { join } from 'node:path';
import type { SaeArchitecture } from '../../src/core/sae/architecture';
import type { SaeMetrics } from '../../src/core/evaluate/evaluation';
import { evaluateSae } from '../../src/engine/evaluate/evaluateSae';
import { parseSaeLens } from '../../src/formats/sae/saelens';
import { CONFIG_FILE, WEIGHTS_FILE } from '../../src/formats/sae/saeFolder';
import { CONTEXT, TARGET_L0 } from './budget';
import type { OpenedModel } from './openModel';
import { recalibrate } from './recalibrate';

export async function evaluateFolder(
  { backend, repeating, corpusHost, tokenizer }: OpenedModel,
  o: {
    folder: string;
    /** counted held-out tokens */
    tokens: number;
    architecture: SaeArchitecture;
    /** rows that the threshold of BatchTopK and Matryoshka is set on, [rows, d_in] */
    sample: Float32Array;
  },
): Promise<SaeMetrics> {
  const names = [CONFIG_FILE, WEIGHTS_FILE];
  const files = await Promise.all(
    names.map(async (path) => ({ path, blob: await openAsBlob(join(o.folder, path)) })),
  );
  const { params: saved, hookName } = await parseSaeLens(files);
  const isBatch = o.architecture === 'batchtopk' || o.architecture === 'matryoshka';
  const params =
    isBatch && saved.architecture === 'jumprelu' ? recalibrate(saved, o.sample, TARGET_L0) : saved;
  const encoder = await backend.createEncoder(params);
  try {
    return await evaluateSae({
      params,
      encoder,
      runtime: repeating,
      tokens: o.tokens,
      hook: hookName,
      corpus: await corpusHost.pack(tokenizer, 'heldOut', {
        contextSize: CONTEXT,
        seed: 0,
        epoch: 0,
      }),
      readMatrix: backend.readMatrix,
      onBatch: () => Promise.resolve(),
    });
  } finally {
    encoder.dispose();
  }
}

// How well a folded SAE reconstructs text that training never saw (sae.md §10, without the model in the
// loop).
import type { HookPoint } from '../../core/activations/hookPoint';
import type { Matrix } from '../../core/handles';
import {
  makeReconstructionMeter,
  type ReconstructionMetrics,
} from '../../core/evaluate/reconstruction';
import type { SaeParams } from '../../core/sae/sae';
import type { SaeEncoder } from '../../core/sae/saeEncoder';
import type { ModelRuntime } from '../../model/modelTypes';
import { forEachCapture } from '../activations/activationFeed';
import type { PackedCorpus } from '../text/corpusHost';

export async function evaluateReconstruction(o: {
  params: SaeParams;
  hook: HookPoint;
  encoder: SaeEncoder;
  runtime: ModelRuntime;
  /** held-out sequences */
  corpus: PackedCorpus;
  /** most counted tokens */
  tokens: number;
  readMatrix: (x: Matrix) => Promise<Float32Array>;
  onProgress: (tokens: number) => Promise<void>;
}): Promise<ReconstructionMetrics> {
  const { params, runtime, hook, corpus } = o;
  const meter = makeReconstructionMeter(params);
  let seen = 0;
  await forEachCapture({ runtime, hook, corpus }, async ({ activations, rows }) => {
    const wanted = rows.subarray(0, o.tokens - seen);
    const code = await o.encoder.encode(activations, wanted);
    const all = await o.readMatrix(activations);
    const saeIn = new Float32Array(wanted.length * params.d_in);
    wanted.forEach((row, i) => {
      saeIn.set(all.subarray(row * params.d_in, (row + 1) * params.d_in), i * params.d_in);
    });
    meter.add(saeIn, code);
    seen += wanted.length;
    await o.onProgress(seen);
    return seen < o.tokens;
  });
  return meter.finish();
}

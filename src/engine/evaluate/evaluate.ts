// How well a folded SAE reconstructs text that training never saw (sae.md §10, without the model in the
// loop).
import { writePoint, type HookPoint } from '../../core/activations/hookPoint';
import { elementAt } from '../../core/elementAt';
import type { Matrix } from '../../core/handles';
import {
  makeReconstructionMeter,
  type ReconstructionMetrics,
} from '../../core/evaluate/reconstruction';
import type { SaeParams } from '../../core/sae/sae';
import type { SaeEncoder } from '../../core/sae/saeEncoder';
import type { ModelRuntime } from '../../model/modelTypes';
import { forEachHooksCapture } from '../activations/activationFeed';
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
  // What is read, and what is rebuilt: one and the same except for a transcoder.
  const hooks = [hook, writePoint(hook)];
  await forEachHooksCapture({ runtime, hooks, corpus }, async ({ activations, rows }) => {
    const wanted = rows.subarray(0, o.tokens - seen);
    const code = await o.encoder.encode(elementAt(activations, 0), wanted);
    const all = await o.readMatrix(elementAt(activations, 1));
    const target = new Float32Array(wanted.length * params.d_in);
    wanted.forEach((row, i) => {
      target.set(all.subarray(row * params.d_in, (row + 1) * params.d_in), i * params.d_in);
    });
    meter.add(target, code);
    seen += wanted.length;
    await o.onProgress(seen);
    return seen < o.tokens;
  });
  return meter.finish();
}

// Small checkpoints of random weights for any revision row and configuration.
import type {
  NanochatCheckpoint,
  NanochatConfig,
  NanochatRevision,
  TensorSource,
} from '../../../src/core/model/nanochat';
import { makeRng } from '../../../src/core/numeric/rng';
import { expectedTensors } from '../../../src/formats/model/nanochatRevision';

/** The backout layer is 2; 32 tokens reach past the short window. */
export const FOUR_LAYERS: NanochatConfig = {
  sequence_len: 32,
  vocab_size: 70,
  n_layer: 4,
  n_head: 4,
  n_kv_head: 2,
  n_embd: 32,
  window_pattern: 'SSSL',
};

/** Weights of the size that keeps activations of order 1, so that every part shows in the logits. */
export function makeRandomCheckpoint(
  config: NanochatConfig,
  revision: NanochatRevision,
  seed: number,
): NanochatCheckpoint {
  const tensors = new Map<string, TensorSource>();
  let parameterCount = 0;
  let stream = 0;
  for (const [name, shape] of expectedTensors(config, revision)) {
    const size = shape.reduce((a, b) => a * b, 1);
    const rng = makeRng(seed, stream++);
    const scale = shape.length === 2 ? 1.5 / Math.sqrt(shape[1]!) : 0.5;
    const offset = shape.length === 2 ? 0 : 0.7;
    const values = Float32Array.from({ length: size }, () => offset + scale * rng.normal());
    parameterCount += size;
    tensors.set(name, {
      name,
      dtype: 'f32',
      shape,
      read: () => Promise.resolve(values.slice()),
      readPart: (start, end) => Promise.resolve(values.slice(start, end)),
    });
  }
  const byteLength = 4 * parameterCount;
  return { config, revision, step: null, valBpb: null, parameterCount, byteLength, tensors };
}

export function randomTokens(length: number, vocabSize: number, seed: number): Int32Array {
  const rng = makeRng(seed);
  return Int32Array.from({ length }, () => rng.below(vocabSize));
}

// The f64 twin against PyTorch's goldens: what the twin says, other tests take for the truth.
import { beforeAll, describe, expect, it } from 'vitest';
import type { ReferenceWeights } from '../../../src/core/reference/nanochatReference';
import {
  nanochatReference,
  readReferenceWeights,
} from '../../../src/core/reference/nanochatReference';
import {
  largestAbs,
  maxAbsDifference,
  readDemoCheckpoint,
  readGolden,
} from '../../helpers/model/modelDemo';

// 200 tokens in f64 are 3 s of a free core.
let weights: ReferenceWeights;
beforeAll(async () => {
  weights = await readReferenceWeights(await readDemoCheckpoint());
});

// `long` reaches past the short window of 128.
describe.each(['short', 'mixed', 'long'] as const)('nanochatReference on golden %s', (name) => {
  it('agrees at the embedding, every hook and the logits', () => {
    const golden = readGolden(name);
    const seen: string[] = [];
    const { embed, logits } = nanochatReference(weights, golden.tokenIds, (hook, x) => {
      seen.push(hook);
      const expected = golden.read(hook);
      // Against PyTorch's f32, whose rounding grows with the stream: relative to its largest value.
      const error = maxAbsDifference(x, expected) / largestAbs(expected);
      expect(error, hook).toBeLessThan(3e-6);
    });
    // Four blocks of six hook points.
    expect(seen).toHaveLength(24);
    expect(maxAbsDifference(embed, golden.read('embed'))).toBeLessThan(1e-5);
    const expected = golden.read('logits');
    const tail = logits.subarray(logits.length - expected.length);
    expect(maxAbsDifference(tail, expected)).toBeLessThan(3e-5);
  });
});

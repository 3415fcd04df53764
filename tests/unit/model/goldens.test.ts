// The generated graph on ONNX Runtime's wasm backend against PyTorch's goldens.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NanochatCheckpoint } from '../../../src/core/model/nanochat';
import { makeNanochatGraph } from '../../../src/model/nanochatGraph';
import type { ModelRuntime } from '../../../src/model/modelTypes';
import { createModelRuntime } from '../../../src/model/modelRuntime';
import { maxAbsDifference, readDemoCheckpoint, readGolden } from '../../helpers/model/modelDemo';

// Sessions read 29 MB of weights; other tests share the cores.
let checkpoint: NanochatCheckpoint;
let runtime: ModelRuntime;

beforeAll(async () => {
  checkpoint = await readDemoCheckpoint();
  runtime = await createModelRuntime({ checkpoint, backend: 'wasm', device: null });
});
afterAll(() => runtime.dispose());

describe.each(['short', 'mixed', 'long'] as const)('golden %s on wasm', (name) => {
  const golden = readGolden(name);

  it('agrees at every hook of every layer', async () => {
    const { hooks } = makeNanochatGraph(checkpoint.config, checkpoint.revision, {
      hasCache: false,
      isLastRowOnly: false,
    });
    expect(hooks).toHaveLength(24);
    const capture = await runtime.capture(golden.tokenIds, 1, hooks);
    for (const hook of hooks) {
      const x = capture.hooks.get(hook)!;
      if (x.where !== 'cpu') throw new Error('wasm computes on the CPU');
      expect([x.rows, x.cols]).toEqual([golden.tokenIds.length, checkpoint.config.n_embd]);
      expect(maxAbsDifference(x.data, golden.read(hook)), hook).toBeLessThan(1e-3);
    }
    capture.release();
  });

  it('agrees in the logits', async () => {
    const logits = await runtime.logits(golden.tokenIds, 1);
    const expected = golden.read('logits');
    // `long` has the logits of its last rows only.
    const tail = logits.subarray(logits.length - expected.length);
    expect(maxAbsDifference(tail, expected)).toBeLessThan(1e-3);
    expect(logits).toHaveLength(golden.tokenIds.length * checkpoint.config.vocab_size);
  });
});

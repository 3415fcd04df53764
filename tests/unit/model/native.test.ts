// The generated graph on onnxruntime-node, which is no dependency: run where somebody has installed it.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NanochatCheckpoint } from '../../../src/core/model/nanochat';
import { NANOCHAT_REVISIONS } from '../../../src/formats/model/nanochatRevision';
import { createModelRuntime } from '../../../src/model/modelRuntime';
import type { ModelRuntime } from '../../../src/model/modelTypes';
import { makeNanochatGraph } from '../../../src/model/nanochatGraph';
import { importNative } from '../../../src/model/ortNative';
import {
  argmax,
  maxAbsDifference,
  readDemoCheckpoint,
  readGolden,
  readGreedyGolden,
} from '../../helpers/model/modelDemo';
import { FOUR_LAYERS, makeRandomCheckpoint, randomTokens } from '../../helpers/model/modelRandom';

const isInstalled = (await importNative()) !== null;

let checkpoint: NanochatCheckpoint;
let runtime: ModelRuntime;
beforeAll(async () => {
  checkpoint = await readDemoCheckpoint();
  // Without the package this is WebAssembly: asking for it is no error.
  runtime = await createModelRuntime({
    checkpoint,
    backend: 'wasm',
    device: null,
    native: ['cuda', 'cpu'],
  });
});
afterAll(() => runtime.dispose());

it('reads the golden text on whatever is installed, and says what that is', async () => {
  const golden = readGolden('short');
  const logits = await runtime.logits(golden.tokenIds, 1);
  expect(maxAbsDifference(logits, golden.read('logits'))).toBeLessThan(1e-3);
  expect(runtime.provider()).toMatch(isInstalled ? /^onnxruntime-node (cuda|cpu)$/ : /^wasm$/);
});

describe('onnxruntime-node', () => {
  beforeEach(({ skip }) => {
    skip(!isInstalled, 'onnxruntime-node is not installed');
  });

  it.each(['short', 'mixed', 'long'] as const)(
    'agrees with golden %s at every hook',
    async (name) => {
      const golden = readGolden(name);
      const { hooks } = makeNanochatGraph(checkpoint.config, checkpoint.revision, {
        hasCache: false,
        isLastRowOnly: false,
      });
      const capture = await runtime.capture(golden.tokenIds, 1, hooks);
      for (const hook of hooks) {
        const x = capture.hooks.get(hook)!;
        if (x.where !== 'cpu') throw new Error('outputs are delivered to the CPU');
        expect(maxAbsDifference(x.data, golden.read(hook)), hook).toBeLessThan(1e-3);
      }
      capture.release();
    },
  );

  it('continues for 30 tokens as the golden does', async () => {
    const { prompt_ids: promptIds, greedy_ids: greedyIds } = readGreedyGolden();
    const session = await runtime.startDecode({ lanes: 1, edits: [] });
    const tokens = [argmax(await session.step(Int32Array.from(promptIds)))];
    while (tokens.length < 30) {
      tokens.push(argmax(await session.step(Int32Array.of(tokens.at(-1)!))));
    }
    session.dispose();
    expect(tokens).toEqual(greedyIds.slice(0, 30));
  });

  it.each(['f16', 'int8', 'int4'] as const)(
    'computes what wasm does with %s',
    async (precision) => {
      const random = makeRandomCheckpoint(FOUR_LAYERS, NANOCHAT_REVISIONS.at(-1)!, 5);
      const ids = randomTokens(12, random.config.vocab_size, 6);
      const logits = async (native?: readonly ['cpu']) => {
        const made = await createModelRuntime({
          checkpoint: random,
          backend: 'wasm',
          device: null,
          weightPrecision: precision,
          ...(native !== undefined && { native }),
        });
        try {
          return await made.logits(ids, 1);
        } finally {
          await made.dispose();
        }
      };
      expect(maxAbsDifference(await logits(['cpu']), await logits())).toBeLessThan(1e-3);
    },
  );
});

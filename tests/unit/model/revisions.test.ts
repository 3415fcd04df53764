// Every part that a revision row switches, on small random models against the f64 twin: the graph is driven
// by the row, so a row of an older nanochat needs no new code.
import { describe, expect, it } from 'vitest';
import { HOOK_SITES, hookPoint } from '../../../src/core/activations/hookPoint';
import type { NanochatConfig, NanochatRevision } from '../../../src/core/model/nanochat';
import {
  nanochatReference,
  readReferenceWeights,
} from '../../../src/core/reference/nanochatReference';
import { NANOCHAT_REVISIONS } from '../../../src/formats/model/nanochatRevision';
import { createModelRuntime } from '../../../src/model/modelRuntime';
import { maxAbsDifference } from '../../helpers/model/modelDemo';
import { makeRandomCheckpoint, randomTokens } from '../../helpers/model/modelRandom';

// The first session starts ONNX Runtime, while other tests share the cores.
const R5 = NANOCHAT_REVISIONS[0]!;
const SMALL: NanochatConfig = {
  sequence_len: 24,
  vocab_size: 70,
  n_layer: 3,
  n_head: 4,
  n_kv_head: 4,
  n_embd: 32,
  window_pattern: 'SSL',
};
const SHORT = { shortWindow: () => 5 };
const WITHOUT: Partial<NanochatRevision> = {
  hasResidualScalars: false,
  valueEmbeddingGate: null,
  smearChannels: null,
  hasBackout: false,
};

type Case = {
  name: string;
  config?: Partial<NanochatConfig>;
  revision?: Partial<NanochatRevision>;
};
const CASES: Case[] = [
  { name: 'r5 with a window shorter than the text' },
  { name: 'grouped queries, 2 keys for 4 queries', config: { n_kv_head: 2 } },
  { name: 'one key for 4 queries, no windows', config: { n_kv_head: 1, window_pattern: 'L' } },
  { name: 'one layer', config: { n_layer: 1 } },
  { name: 'six layers, tiled pattern', config: { n_layer: 6, window_pattern: 'SL' } },
  {
    name: 'nothing but attention and MLP',
    revision: { ...WITHOUT, rotaryBase: 10_000, qkScale: 1 },
  },
  { name: 'no smear', revision: { smearChannels: null } },
  { name: 'no backout, other softcap', revision: { hasBackout: false, logitSoftcap: 20 } },
  {
    name: 'wide gate of another scale',
    revision: { valueEmbeddingGate: { channels: 32, scale: 2 } },
  },
];

describe.each(CASES)('$name', ({ config: changes, revision: row }) => {
  const config = { ...SMALL, ...changes };
  const revision: NanochatRevision = { ...R5, ...SHORT, ...row };
  const checkpoint = makeRandomCheckpoint(config, revision, 17);

  it('agrees with the f64 twin at every hook and in the logits of two lanes', async () => {
    const runtime = await createModelRuntime({ checkpoint, backend: 'wasm', device: null });
    const weights = await readReferenceWeights(checkpoint);
    const [length, lanes] = [19, 2];
    const ids = randomTokens(lanes * length, config.vocab_size, 5);
    const layers = Array.from({ length: config.n_layer }, (_, i) => i);
    const hooks = layers.flatMap((layer) => HOOK_SITES.map((site) => hookPoint(layer, site)));
    const capture = await runtime.capture(ids, lanes, hooks);
    const logits = await runtime.logits(ids, lanes);
    for (let lane = 0; lane < lanes; lane++) {
      const own = ids.subarray(lane * length, (lane + 1) * length);
      const twin = nanochatReference(weights, own, (hook, x) => {
        const found = capture.hooks.get(hook)!;
        if (found.where !== 'cpu') throw new Error('wasm computes on the CPU');
        const rows = found.data.subarray(lane * x.length, (lane + 1) * x.length);
        expect(maxAbsDifference(rows, x), hook).toBeLessThan(1e-4);
      });
      const size = twin.logits.length;
      const found = logits.subarray(lane * size, (lane + 1) * size);
      expect(maxAbsDifference(found, twin.logits)).toBeLessThan(1e-4);
    }
    capture.release();
    await runtime.dispose();
  });

  it('decodes from a cache, in pieces, what one pass computes', async () => {
    const runtime = await createModelRuntime({ checkpoint, backend: 'wasm', device: null });
    const ids = randomTokens(24, config.vocab_size, 8);
    const all = await runtime.logits(ids, 1);
    const session = await runtime.startDecode({ lanes: 1, edits: [] });
    let at = 0;
    for (const length of [1, 7, 1, 1, 4, 1, 1, 8]) {
      const logits = await session.step(ids.slice(at, at + length));
      at += length;
      const row = all.subarray((at - 1) * config.vocab_size, at * config.vocab_size);
      expect(maxAbsDifference(logits, row), `after ${at} tokens`).toBeLessThan(1e-4);
    }
    expect(session.position).toBe(24);
    await expect(session.step(Int32Array.of(1))).rejects.toThrow('25 tokens');
    session.dispose();
    await runtime.dispose();
  });
});

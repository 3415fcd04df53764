import { openAsBlob } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { FormatError } from '../../../src/core/errors';
import type { NanochatConfig } from '../../../src/core/nanochat';
import {
  detectRevision,
  expectedTensors,
  NANOCHAT_REVISIONS,
} from '../../../src/formats/nanochatRevision';
import { readTorchCheckpoint } from '../../../src/formats/torchCheckpoint';

const CONFIG: NanochatConfig = {
  sequence_len: 256,
  vocab_size: 4096,
  n_layer: 4,
  n_head: 4,
  n_kv_head: 4,
  n_embd: 256,
  window_pattern: 'SSSL',
};
const R5 = NANOCHAT_REVISIONS[0]!;

let demo: Map<string, readonly number[]>;
beforeAll(async () => {
  const path = 'public/demo/nanochat-d4/model_000911.pt';
  const tensors = await readTorchCheckpoint(await openAsBlob(path), path);
  demo = new Map([...tensors].map(([name, t]) => [name, t.shape]));
});

const refusal = (shapes: Map<string, readonly number[]>, config = CONFIG) => {
  try {
    return detectRevision(shapes, config).name;
  } catch (error) {
    return error instanceof FormatError ? error.message : `not ours: ${String(error)}`;
  }
};

describe('detectRevision', () => {
  it('knows the demo as r5, tensor by tensor', () => {
    expect(detectRevision(demo, CONFIG)).toBe(R5);
    const sorted = (shapes: Map<string, readonly number[]>) => [...shapes].map(String).sort();
    expect(sorted(expectedTensors(CONFIG, R5))).toEqual(sorted(demo));
  });

  it('has the constants of r5', () => {
    expect(R5).toMatchObject({ rotaryBase: 100_000, qkScale: 1.2, logitSoftcap: 15 });
    expect([256, 512, 1024, 2048].map(R5.shortWindow)).toEqual([128, 128, 256, 512]);
  });

  it('pads the vocabulary to 64 rows and narrows keys and values for grouped queries', () => {
    const shapes = expectedTensors({ ...CONFIG, vocab_size: 1000, n_kv_head: 1, n_layer: 5 }, R5);
    expect(shapes.get('lm_head.weight')).toEqual([1024, 256]);
    expect(shapes.get('transformer.h.2.attn.c_k.weight')).toEqual([64, 256]);
    expect(shapes.get('transformer.h.2.attn.ve_gate.weight')).toEqual([1, 12]);
    const embedded = [...shapes.keys()].filter((name) => name.startsWith('value_embeds'));
    expect(embedded.map((name) => name.split('.')[1])).toEqual(['0', '2', '4']);
  });

  it('names unexpected and missing tensors with their shapes', () => {
    const shapes = new Map(demo).set('lm_head.bias', [4096]);
    shapes.delete('smear_gate.weight');
    const message = refusal(shapes);
    expect(message).toContain('unexpected: lm_head.bias [4096]');
    expect(message).toContain('missing: smear_gate.weight [1, 24]');
  });

  it('shortens a long list', () => {
    expect(refusal(new Map())).toContain('and 27 more');
  });

  it('names a tensor of a wrong shape with both shapes', () => {
    const wrong = new Map(demo).set('transformer.h.1.attn.ve_gate.weight', [4, 32]);
    expect(refusal(wrong)).toContain(
      'transformer.h.1.attn.ve_gate.weight expected [4, 12], found [4, 32]',
    );
    expect(refusal(demo, { ...CONFIG, vocab_size: 4097 })).toContain(
      'lm_head.weight expected [4160, 256], found [4096, 256]',
    );
  });
});

import { openAsBlob } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { FormatError } from '../../../../src/core/errors';
import type { NanochatConfig, NanochatRevision as Row } from '../../../../src/core/model/nanochat';
import {
  detectRevision,
  expectedTensors,
  NANOCHAT_REVISIONS,
} from '../../../../src/formats/model/nanochatRevision';
import { readTorchCheckpoint } from '../../../../src/formats/model/torchCheckpoint';
import { DEMO_MODEL } from '../../../helpers/model/demoFiles';

const CONFIG: NanochatConfig = {
  sequence_len: 256,
  vocab_size: 4096,
  n_layer: 4,
  n_head: 4,
  n_kv_head: 4,
  n_embd: 256,
  window_pattern: 'SSSL',
};
const [R5, R4, R3, R2, R1] = NANOCHAT_REVISIONS as [Row, Row, Row, Row, Row];

let demo: Map<string, readonly number[]>;
beforeAll(async () => {
  const path = `${DEMO_MODEL.folder}/${DEMO_MODEL.model}`;
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
    // r1 asks for the least.
    expect(refusal(new Map())).toContain('and 18 more');
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

describe('the table', () => {
  it.each(NANOCHAT_REVISIONS.map((row) => [row.name, row] as const))(
    '%s is told from all others, of odd depth and with grouped queries too',
    (_, row) => {
      const odd = { ...CONFIG, n_layer: 1, n_kv_head: 2, vocab_size: 203 };
      for (const config of [CONFIG, odd]) {
        expect(detectRevision(expectedTensors(config, row), config)).toBe(row);
      }
    },
  );

  it('is ordered from the newest and names each once', () => {
    expect(NANOCHAT_REVISIONS.map((row) => row.name)).toEqual(['r5', 'r4', 'r3', 'r2', 'r1']);
    const dates = NANOCHAT_REVISIONS.map((row) => row.since);
    expect(dates).toEqual(dates.toSorted().reverse());
  });

  it('has the short windows of each', () => {
    // Upstream: -(-n // 3 // 128) * 128, a ceiling twice.
    expect([256, 384, 385, 768, 1024, 2048].map(R4.shortWindow)).toEqual([
      128, 128, 256, 256, 384, 768,
    ]);
    expect([131, 1024, 2048].map(R3.shortWindow)).toEqual([65, 512, 1024]);
    expect([131, 1024, 2048].map(R2.shortWindow)).toEqual([65, 512, 1024]);
  });
});

describe('tables over the vocabulary', () => {
  const config = { ...CONFIG, vocab_size: 203 };

  it('of r1 may be bare or padded', () => {
    expect(detectRevision(expectedTensors(config, R1, 203), config)).toBe(R1);
    expect(detectRevision(expectedTensors(config, R1, 256), config)).toBe(R1);
  });

  it('are of one height', () => {
    const mixed = expectedTensors(config, R1, 203).set('transformer.wte.weight', [256, 256]);
    expect(refusal(mixed, config)).toContain(
      'transformer.wte.weight expected [203, 256], found [256, 256]',
    );
    expect(refusal(expectedTensors(config, R1, 320), config)).toContain(
      'lm_head.weight expected [256, 256], found [320, 256]',
    );
  });

  it('are padded since r2', () => {
    expect(refusal(expectedTensors(config, R2, 203), config)).toContain(
      'lm_head.weight expected [256, 256], found [203, 256]',
    );
  });
});

describe('what lies between two revisions', () => {
  it('is refused: value embeddings without gates, of the morning of 2026-01-16', () => {
    const shapes = expectedTensors(CONFIG, R3);
    shapes.delete('transformer.h.1.attn.ve_gate.weight');
    shapes.delete('transformer.h.3.attn.ve_gate.weight');
    const message = refusal(shapes);
    expect(message).toContain('missing: transformer.h.1.attn.ve_gate.weight [4, ');
    for (const row of NANOCHAT_REVISIONS) expect(message).toContain(`${row.name} (since`);
  });

  it('is refused: gates of two widths', () => {
    const shapes = expectedTensors(CONFIG, R3);
    shapes.set('transformer.h.1.attn.ve_gate.weight', [4, 12]);
    expect(refusal(shapes)).toMatch(/wrong shape: transformer\.h\.\d\.attn\.ve_gate\.weight/);
    expect(refusal(shapes.set('transformer.h.3.attn.ve_gate.weight', [4, 12]))).toBe('r4');
  });

  it('is refused: one of the two residual scalars', () => {
    const shapes = expectedTensors(CONFIG, R2);
    shapes.delete('x0_lambdas');
    expect(refusal(shapes)).toContain('missing: x0_lambdas [4]');
  });
});

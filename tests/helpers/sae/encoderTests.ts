// The encoder of any backend against its twins.
import { expect } from 'vitest';
import type { Matrix } from '../../../src/core/handles';
import { gatherReference } from '../../../src/core/reference/activationRing';
import { activeRowReference } from '../../../src/core/reference/activeRow';
import { encodeRowsReference } from '../../../src/core/reference/encodeRows';
import { saeEncodeReference } from '../../../src/core/reference/saeEncode';
import { topkReference } from '../../../src/core/reference/topkRow';
import {
  EMPTY_SLOT,
  type SaeParams,
  type SparseCode,
  type TopKParams,
} from '../../../src/core/sae/sae';
import { gaussian, makeSaeParams } from '../cases';
import '../matchers';
import type { BackendTest } from './saeBackends';

export function encodeReference(
  p: TopKParams,
  x: Float32Array,
  rowIndices: Uint32Array,
): SparseCode {
  const { d_in, d_sae, k } = p;
  const b_dec = p.applyBDecToInput ? p.b_dec : null;
  const xc = gatherReference(x, { rowIndices, d: d_in, b_dec, scale: 1 });
  // Straight from the definition: W_enc is [d_in, d_sae] here.
  const W_enc = Float32Array.from(
    { length: d_sae * d_in },
    (_, i) => p.W_enc[(i % d_in) * d_sae + Math.floor(i / d_in)]!,
  );
  const rows = rowIndices.length;
  const { preActs } = saeEncodeReference({ rows, d_in, d_sae, xc, W_enc, b_enc: p.b_enc });
  return topkReference(preActs, { rows, d_sae, k });
}

/** [d_in, d_sae] → [d_sae, d_in] */
function latentMajor(W: Float32Array, { d_in, d_sae }: { d_in: number; d_sae: number }) {
  return Float32Array.from(
    { length: W.length },
    (_, i) => W[(i % d_in) * d_sae + Math.floor(i / d_in)]!,
  );
}

export function ruled(kind: 'relu' | 'jumprelu' | 'gated', d_sae: number): SaeParams {
  const shared = makeSaeParams({ seed: 9, d_in: 16, d_sae, k: 1 });
  switch (kind) {
    case 'relu':
      return { ...shared, architecture: kind };
    case 'jumprelu': {
      const threshold = gaussian(d_sae, 3, 0.5);
      return { ...shared, architecture: kind, threshold };
    }
    case 'gated':
      return {
        ...shared,
        architecture: kind,
        b_enc: new Float32Array(d_sae),
        b_gate: gaussian(d_sae, 4, 0.5),
        b_mag: gaussian(d_sae, 5, 0.5),
        r_mag: gaussian(d_sae, 6, 0.3),
      };
  }
}

export function ruledReference(p: SaeParams, x: Float32Array, rowIndices: Uint32Array): SparseCode {
  if (p.architecture === 'topk') throw new Error('topk has no rule of its own');
  const { d_in, d_sae } = p;
  const b_dec = p.applyBDecToInput ? p.b_dec : null;
  const xc = gatherReference(x, { rowIndices, d: d_in, b_dec, scale: 1 });
  const W_enc = latentMajor(p.W_enc, p);
  const rows = rowIndices.length;
  const { preActs } = saeEncodeReference({ rows, d_in, d_sae, xc, W_enc, b_enc: p.b_enc });
  return activeRowReference(preActs, p);
}

/** What holds whatever decides which latents are active. */
export function encoderTests(declare: BackendTest): void {
  declare(
    'a TopK code equals its twin in every row, with factors of its own too',
    async (backend) => {
      const shape = { d_in: 21, d_sae: 300, k: 12 };
      const params = {
        ...makeSaeParams({ seed: 41, ...shape }),
        actScale: gaussian(300, 6).map(Math.abs),
      };
      const data = gaussian(150 * 21, 44);
      const rows = Uint32Array.from({ length: 130 }, (_, i) => i + 3);
      const encoder = await backend.createEncoder(params);
      const code = await encoder.encode({ where: 'cpu', rows: 150, cols: 21, data }, rows);
      const expected = encodeRowsReference(params, { data, cols: 21 }, rows);
      expect([...code.latentIndices]).toEqual([...expected.latentIndices]);
      expect(code.latentActs).toBeAllclose(expected.latentActs, { atol: 1e-5 });
      encoder.dispose();
    },
  );

  declare('saeEncoder answers an empty selection at once', async (backend) => {
    const encoder = await backend.createEncoder(
      makeSaeParams({ seed: 1, d_in: 4, d_sae: 8, k: 2 }),
    );
    const x: Matrix = { where: 'cpu', rows: 1, cols: 4, data: new Float32Array(4) };
    const code = await encoder.encode(x, new Uint32Array());
    expect(code).toEqual({
      k: 2,
      latentIndices: new Uint32Array(),
      latentActs: new Float32Array(),
    });
    encoder.dispose();
  });

  declare('saeEncoder leaves slots empty where nothing is positive', async (backend) => {
    const params = makeSaeParams({ seed: 1, d_in: 4, d_sae: 8, k: 2 });
    params.b_enc.fill(-1e6);
    const encoder = await backend.createEncoder(params);
    const x: Matrix = { where: 'cpu', rows: 1, cols: 4, data: new Float32Array(4) };
    const code = await encoder.encode(x, new Uint32Array([0]));
    expect([...code.latentIndices]).toEqual([EMPTY_SLOT, EMPTY_SLOT]);
    expect([...code.latentActs]).toEqual([0, 0]);
    encoder.dispose();
  });

  declare('saeEncoder refuses another width and a broken SAE', async (backend) => {
    const params = makeSaeParams({ seed: 1, d_in: 4, d_sae: 8, k: 2 });
    const encoder = await backend.createEncoder(params);
    const x: Matrix = { where: 'cpu', rows: 1, cols: 5, data: new Float32Array(5) };
    await expect(encoder.encode(x, new Uint32Array([0]))).rejects.toThrow(
      /5 columns, expected d_in 4/,
    );
    encoder.dispose();
    const broken = { ...params, b_enc: new Float32Array(7) };
    await expect(backend.createEncoder(broken)).rejects.toThrow(/b_enc: 7 values, expected 8/);
  });

  declare('a threshold’s code of a token does not depend on its neighbours', async (backend) => {
    const params = ruled('jumprelu', 130);
    const encoder = await backend.createEncoder(params);
    const x = gaussian(20 * 16, 45);
    const withSink = x.slice();
    // One token of outlying norm, as <|bos|> is.
    for (let i = 0; i < 16; i++) withSink[7 * 16 + i]! *= 1000;
    const encode = (data: Float32Array, rows: number[]) =>
      encoder.encode({ where: 'cpu', rows: 20, cols: 16, data }, Uint32Array.from(rows));
    const activeOf = ({ k, latentIndices, latentActs }: SparseCode, row: number) =>
      [...latentIndices.subarray(row * k, (row + 1) * k)]
        .map((latent, slot) => [latent, latentActs[row * k + slot]] as const)
        .filter(([latent]) => latent !== EMPTY_SLOT);
    const all = await encode(x, [...Array(20).keys()]);
    const sink = await encode(withSink, [...Array(20).keys()]);
    for (const row of [0, 6, 8, 19]) {
      const alone = await encode(x, [row]);
      expect(activeOf(all, row).length).toBeGreaterThan(0);
      expect(activeOf(alone, 0)).toEqual(activeOf(all, row));
      expect(activeOf(sink, row)).toEqual(activeOf(all, row));
    }
    encoder.dispose();
  });
}

/** Where a rule decides. */
export function ruledEncoderTests(declare: BackendTest): void {
  for (const kind of ['relu', 'jumprelu', 'gated'] as const) {
    declare(
      `${kind}: equals its twin; a row with more active latents than slots loses none`,
      async (backend) => {
        const params = ruled(kind, 130);
        const x = gaussian(40 * 16, 44);
        const rowIndices = Uint32Array.from({ length: 40 }, (_, i) => i);
        // About half of 130 latents are active, so 5 slots overflow in every row.
        const encoder = await backend.createEncoder(params, { rows: 16, capacity: 5 });
        const matrix: Matrix = { where: 'cpu', rows: 40, cols: 16, data: x };
        const expected = ruledReference(params, x, rowIndices);
        for (const when of ['grown', 'again']) {
          const code = await encoder.encode(matrix, rowIndices);
          expect(code.k, when).toBe(expected.k);
          expect([...code.latentIndices]).toEqual([...expected.latentIndices]);
          expect(code.latentActs).toBeAllclose(expected.latentActs, { atol: 1e-5 });
        }
        encoder.dispose();
      },
    );
  }
}

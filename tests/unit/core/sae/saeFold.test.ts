import { describe, expect, it } from 'vitest';
import { makeRng } from '../../../../src/core/numeric/rng';
import type { TopKParams } from '../../../../src/core/sae/sae';
import {
  decoderNorms,
  foldDecoderNorm,
  foldInputScale,
  foldSae,
} from '../../../../src/core/sae/saeFold';
import { makeSaeParams } from '../../../helpers/cases';

const PARAMS = makeSaeParams({ seed: 11, d_in: 12, d_sae: 30, k: 4 });
/** Rows of unequal norm, as a decoder without normalisation has them. */
const FREE: TopKParams = {
  ...PARAMS,
  W_dec: PARAMS.W_dec.map((w, at) => w * (0.5 + (Math.floor(at / 12) % 5))),
};
const rng = makeRng(2);
const INPUTS = Array.from({ length: 60 }, () => Array.from({ length: 12 }, () => 3 * rng.normal()));

/** sae.md §3 for one token, in f64: which latents, how active, what comes out. */
function forward(p: TopKParams, x: readonly number[], selectByNorm: boolean) {
  const norms = decoderNorms(p);
  const h = Array.from({ length: p.d_sae }, (_, i) =>
    x.reduce(
      (sum, v, d) => sum + (v - (p.applyBDecToInput ? p.b_dec[d]! : 0)) * p.W_enc[d * p.d_sae + i]!,
      p.b_enc[i]!,
    ),
  );
  const score = h.map((v, i) => (selectByNorm ? v * norms[i]! : v));
  const kept = [...h.keys()]
    .sort((a, b) => score[b]! - score[a]!)
    .slice(0, p.k)
    .filter((i) => h[i]! > 0);
  const acts = kept.map((i) => h[i]!);
  const out = x.map((_, d) =>
    kept.reduce((sum, i, slot) => sum + acts[slot]! * p.W_dec[i * p.d_in + d]!, p.b_dec[d]!),
  );
  return { kept: [...kept].sort((a, b) => a - b), out, acts };
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  const size = Math.hypot(...expected);
  actual.forEach((v, i) => expect(Math.abs(v - expected[i]!)).toBeLessThan(1e-5 * size));
}

describe.each([true, false])('folding with applyBDecToInput %s', (applyBDecToInput) => {
  it.each([0.07, 1, 13])('takes the input scale %d into the parameters', (s) => {
    const trained = { ...PARAMS, applyBDecToInput };
    const folded = foldInputScale(trained, { inputScale: s });
    for (const saeIn of INPUTS) {
      const inside = forward(
        trained,
        saeIn.map((v) => s * v),
        false,
      );
      const outside = forward(folded, saeIn, false);
      expect(outside.kept).toEqual(inside.kept);
      expectClose(
        outside.out,
        inside.out.map((v) => v / s),
      );
    }
  });

  it('takes decoder norms into the encoder, keeping what selection by h·n kept', () => {
    const folded = foldDecoderNorm({ ...FREE, applyBDecToInput });
    expectClose(
      [...decoderNorms(folded)],
      Array.from({ length: 30 }, () => 1),
    );
    for (const saeIn of INPUTS) {
      const before = forward({ ...FREE, applyBDecToInput }, saeIn, true);
      const after = forward(folded, saeIn, false);
      expect(after.kept).toEqual(before.kept);
      expectClose(after.out, before.out);
    }
  });

  it('does both: unit rows, activations in model units', () => {
    const trained = { ...PARAMS, applyBDecToInput };
    const folded = foldSae(trained, { inputScale: 4 });
    expectClose(
      [...decoderNorms(folded)],
      Array.from({ length: 30 }, () => 1),
    );
    for (const saeIn of INPUTS) {
      const inside = forward(
        trained,
        saeIn.map((v) => 4 * v),
        false,
      );
      const outside = forward(folded, saeIn, false);
      expect(outside.kept).toEqual(inside.kept);
      expectClose(
        outside.out,
        inside.out.map((v) => v / 4),
      );
      expectClose(
        outside.acts,
        inside.acts.map((v) => v / 4),
      );
    }
  });
});

describe('folding', () => {
  it('comes back through the inverse scale', () => {
    const back = foldInputScale(foldInputScale(PARAMS, { inputScale: 8 }), { inputScale: 1 / 8 });
    expect(back).toEqual(PARAMS);
  });

  it('leaves its input untouched and a zero row zero', () => {
    const W_dec = Float32Array.from(PARAMS.W_dec).fill(0, 12, 24);
    const before = structuredClone({ ...PARAMS, W_dec });
    const folded = foldSae({ ...PARAMS, W_dec }, { inputScale: 2 });
    expect({ ...PARAMS, W_dec }).toEqual(before);
    expect([...folded.W_dec.subarray(12, 24)]).toEqual(new Array(12).fill(0));
    expect(Math.abs(folded.b_enc[1]!)).toBe(0);
    expect(Math.abs(folded.W_enc[1]!)).toBe(0);
  });

  it.each([0, -1, NaN, Infinity])('refuses the scale %d', (s) => {
    expect(() => foldInputScale(PARAMS, { inputScale: s })).toThrow(
      'inputScale must be finite and above 0',
    );
  });
});

it('a transcoder keeps its preActs, and what it rebuilds leaves the scale that it was trained in', () => {
  const trained = { ...PARAMS, applyBDecToInput: false };
  const [inputScale, outputScale] = [3, 0.25];
  const folded = foldSae(trained, { inputScale, outputScale });
  for (const saeIn of INPUTS) {
    const inside = forward(
      trained,
      saeIn.map((v) => inputScale * v),
      false,
    );
    const outside = forward(folded, saeIn, false);
    expect(outside.kept).toEqual(inside.kept);
    expectClose(
      outside.out,
      inside.out.map((v) => v / outputScale),
    );
    expectClose(
      outside.acts,
      inside.acts.map((v) => v / outputScale),
    );
  }
  expect(() => foldSae(trained, { inputScale: 1, outputScale: 0 })).toThrow('outputScale must be');
});

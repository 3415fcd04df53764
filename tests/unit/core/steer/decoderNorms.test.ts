// Imported SAEs whose decoder rows have norms from 0.1 to 10: folded, they are the same function, and every mode
// of steering changes a latent's contribution by the amount asked for.
import { describe, expect, it } from 'vitest';
import { steerRowsReference } from '../../../../src/core/reference/steerRows';
import { encodeRowsReference } from '../../../../src/core/reference/encodeRows';
import { strongestLatents } from '../../../../src/core/sae/latentActivation';
import { decoderNorms } from '../../../../src/core/sae/saeFold';
import { STEER_MODES } from '../../../../src/core/steer/steering';
import { elementAt } from '../../../../src/core/elementAt';
import {
  expectCodeOfFiles,
  makeNormCase,
  NORM_D,
  NORM_D_SAE,
  NORM_KINDS,
  normRows,
  normSlot,
  steerByFiles,
} from '../../../helpers/steer/decoderNorms';
import '../../../helpers/matchers';

const TOKENS = 20;
const x = normRows(TOKENS);
const rowOf = (token: number) =>
  Float64Array.from(x.subarray(token * NORM_D, (token + 1) * NORM_D));

describe.each(NORM_KINDS)('%s with decoder norms from 0.1 to 10 (7.15)', (kind) => {
  it('folds to unit rows without changing what it selects or what it reconstructs', async () => {
    const c = await makeNormCase(kind);
    expect(Math.min(...c.norms)).toBeCloseTo(0.1, 5);
    expect(Math.max(...c.norms)).toBeCloseTo(10, 5);
    expect(decoderNorms(c.params)).toBeAllclose(new Float64Array(NORM_D_SAE).fill(1), {
      rtol: 1e-6,
    });
    const tokens = Uint32Array.from({ length: TOKENS }, (_, token) => token);
    const code = encodeRowsReference(c.params, { data: x, cols: NORM_D }, tokens);
    expectCodeOfFiles(c, x, tokens, code, 1e-5);
    for (const token of tokens) {
      const expected = c.contributions(rowOf(token));
      const strongest = strongestLatents(rowOf(token), c.params, 5);
      const ranked = [...expected.keys()].sort((a, b) => expected[b]! - expected[a]!);
      expect(strongest.map(({ latentIndex }) => latentIndex)).toEqual(ranked.slice(0, 5));
    }
  });

  it.each(STEER_MODES)(
    '%s takes or adds exactly what it says, in units raw and max',
    async (mode) => {
      const c = await makeNormCase(kind);
      let firing = 0;
      for (let latent = 0; latent < NORM_D_SAE; latent++) {
        // × max: A_i is the largest contribution, as the statistics of a folded SAE have it.
        const parts = Array.from(
          { length: TOKENS },
          (_, token) => c.contributions(rowOf(token))[latent]!,
        );
        const strongest = Math.max(...parts);
        for (const scale of [1, strongest]) {
          const value = 0.6;
          const slot = normSlot(c.params, latent, { mode, scale });
          const steered = Float64Array.from(x);
          const rows = Uint32Array.from({ length: TOKENS }, (_, token) => token);
          const readouts = steerRowsReference({
            x: steered,
            rows,
            slots: [slot],
            values: [value],
            clip: null,
            readsTopK: true,
          });
          for (const token of rows) {
            const o = { latent, mode, value, amount: value * scale };
            const expected = steerByFiles(c, rowOf(token), o);
            const row = steered.subarray(token * NORM_D, (token + 1) * NORM_D);
            expect(row).toBeAllclose(expected, { rtol: 1e-5, atol: 1e-5 });
            const part = elementAt(parts, token);
            expect(elementAt(readouts, token).before[0]).toBeCloseTo(part, 4);
            if (part > 0) firing++;
          }
        }
      }
      expect(firing).toBeGreaterThan(NORM_D_SAE);
    },
  );
});

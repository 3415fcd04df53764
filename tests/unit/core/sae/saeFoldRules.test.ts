// Folding of the SAEs whose active latents a rule decides: same active sets, same output, input scale ≠ 1
// and free decoder norms (sae.md §9).
import { describe, expect, it } from 'vitest';
import { activeRowReference } from '../../../../src/core/reference/activeRow';
import { makeSaeConfig, type SaeParams } from '../../../../src/core/sae/sae';
import { foldSae } from '../../../../src/core/sae/saeFold';
import { initTrainerState, trainerStateParams } from '../../../../src/core/train/trainerState';
import { makeRng } from '../../../../src/core/numeric/rng';
import { gaussian, makeSaeParams } from '../../../helpers/cases';

const D_IN = 12;
const D_SAE = 30;
type Ruled = Exclude<SaeParams, { architecture: 'topk' }>;

function shared(isUnit: boolean) {
  const p = makeSaeParams({ seed: 11, d_in: D_IN, d_sae: D_SAE, k: 1 });
  const W_dec = isUnit ? p.W_dec : p.W_dec.map((w, at) => w * (0.5 + (Math.floor(at / D_IN) % 5)));
  const { d_in, d_sae, W_enc, b_enc, b_dec, applyBDecToInput } = p;
  return { d_in, d_sae, W_enc, b_enc, W_dec, b_dec, applyBDecToInput };
}

/** Active latents and output for one input, in float64 but for h. */
function forward(p: Ruled, x: readonly number[]) {
  const h = Float32Array.from(p.b_enc, (bias, latent) =>
    x.reduce(
      (sum, value, i) =>
        sum + (value - (p.applyBDecToInput ? p.b_dec[i]! : 0)) * p.W_enc[i * D_SAE + latent]!,
      bias,
    ),
  );
  const { latentIndices, latentActs } = activeRowReference(h, p);
  const out = x.map((_, i) =>
    latentIndices.reduce(
      (sum, latent, slot) => sum + latentActs[slot]! * p.W_dec[latent * D_IN + i]!,
      p.b_dec[i]!,
    ),
  );
  return { active: [...latentIndices], out };
}

const CASES: [string, () => Ruled][] = [
  ['relu, free norms', () => ({ ...shared(false), architecture: 'relu' })],
  [
    'jumprelu, free norms',
    () => ({ ...shared(false), architecture: 'jumprelu', threshold: gaussian(D_SAE, 3, 0.6) }),
  ],
  [
    'gated',
    () => ({
      ...shared(true),
      architecture: 'gated',
      b_enc: new Float32Array(D_SAE),
      b_gate: gaussian(D_SAE, 4, 0.6),
      b_mag: gaussian(D_SAE, 5, 0.6),
      r_mag: gaussian(D_SAE, 6, 0.3),
    }),
  ],
];

describe.each(CASES)('folding %s', (_, make) => {
  it.each([0.07, 1, 13])('keeps active sets and output at input scale %d', (s) => {
    const trained = make();
    const folded = foldSae(trained, { inputScale: s });
    const rng = makeRng(2);
    let active = 0;
    for (let n = 0; n < 40; n++) {
      const saeIn = Array.from({ length: D_IN }, () => (3 / s) * rng.normal());
      const inside = forward(
        trained,
        saeIn.map((v) => s * v),
      );
      const outside = forward(folded, saeIn);
      active += inside.active.length;
      expect(outside.active).toEqual(inside.active);
      const size = Math.hypot(...inside.out) / s;
      outside.out.forEach((v, i) => {
        expect(Math.abs(v - inside.out[i]! / s)).toBeLessThan(1e-5 * size);
      });
    }
    expect(active).toBeGreaterThan(40);
  });
});

it('divides the scalar threshold of BatchTopK by the input scale', () => {
  const config = makeSaeConfig({
    hookPoint: 'blocks.0.hook_resid_post',
    architecture: 'batchtopk',
    d_in: D_IN,
    d_sae: D_SAE,
    k: 3,
    tokens: 640,
    batchSize: 64,
    seed: 4,
    contextSize: 16,
  });
  const calibration = { tokens: 64, inputScale: 4, mean: new Float32Array(D_IN), variance: 3 };
  const state = initTrainerState(config, calibration);
  state.running.set([0.5, 1]);
  const folded = foldSae(trainerStateParams(state, config), calibration);
  if (folded.architecture !== 'jumprelu') throw new Error('BatchTopK infers by threshold');
  for (const theta of folded.threshold) expect(theta).toBeCloseTo(0.5 / 4, 6);
});

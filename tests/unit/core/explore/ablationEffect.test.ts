import { describe, expect, it } from 'vitest';
import { ablationEffects } from '../../../../src/core/explore/ablationEffect';

const logits = (...rows: number[][]) => Float32Array.from(rows.flat());

describe('effects of an ablation', () => {
  it('gives KL in nats and the change of the next token by hand', () => {
    // p = (3/4, 1/4), q = (1/2, 1/2).
    const effects = ablationEffects({
      base: logits([Math.log(3), 0], [0, 0]),
      ablated: logits([1, 1], [0, 0]),
      tokenIds: [7, 0],
    });
    const kl = 0.75 * Math.log(0.75 / 0.5) + 0.25 * Math.log(0.25 / 0.5);
    expect(effects[0]!.kl).toBeCloseTo(kl, 6);
    expect(effects[0]!.deltaLogProb).toBeCloseTo(Math.log(0.5 / 0.75), 6);
    expect(effects[1]).toEqual({ kl: 0, deltaLogProb: null });
  });

  it('is not negative where nothing changed, and survives large logits', () => {
    const base = Float32Array.from({ length: 300 }, (_, i) => 90 * Math.sin(i));
    const effects = ablationEffects({ base, ablated: base.slice(), tokenIds: [0, 1, 2] });
    expect(effects.map(({ kl }) => kl)).toEqual([0, 0, 0]);
  });

  it('refuses logits that do not fit the tokens', () => {
    const base = logits([1, 2], [3, 4]);
    expect(() => ablationEffects({ base, ablated: base.slice(1), tokenIds: [0, 1] })).toThrow(
      'logits of 4 and 3 values do not fit 2 tokens',
    );
  });
});

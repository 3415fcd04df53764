import { describe, expect, it } from 'vitest';
import {
  addLanguage,
  finishLanguage,
  makeLanguageSums,
  mergeLanguage,
} from '../../../../../src/core/evaluate/metrics/languageMetrics';

/** Logits whose softmax is (¾, ¼), (½, ½) and (¼, ¾). */
const LOGITS = {
  clean: Float32Array.of(Math.log(3), 0),
  withSae: Float32Array.of(5, 5),
  ablated: Float32Array.of(0, Math.log(3)),
};
const AT_FIRST = { vocabSize: 2, rows: [0], targets: [0] };

describe('language metrics', () => {
  it('are those of a case done by hand, in nats', () => {
    const sums = makeLanguageSums();
    addLanguage(sums, LOGITS, AT_FIRST);
    const m = finishLanguage(sums);
    expect(m.positions).toBe(1);
    expect(m.ceClean).toBeCloseTo(Math.log(4 / 3), 6);
    expect(m.ceWithSae).toBeCloseTo(Math.log(2), 6);
    expect(m.ceAblated).toBeCloseTo(Math.log(4), 6);
    expect(m.ceIncrease).toBeCloseTo(Math.log(1.5), 6);
    expect(m.ceLossRecovered).toBeCloseTo(Math.log(2) / Math.log(3), 6);
    expect(m.klWithSae).toBeCloseTo(0.75 * Math.log(1.5) + 0.25 * Math.log(0.5), 6);
    expect(m.klAblated).toBeCloseTo(0.5 * Math.log(3), 6);
    expect(m.klScore).toBeCloseTo(1 - m.klWithSae / m.klAblated, 12);
  });

  it('score a perfect SAE 1 and zero ablation itself 0', () => {
    const perfect = makeLanguageSums();
    addLanguage(perfect, { ...LOGITS, withSae: LOGITS.clean }, AT_FIRST);
    expect(finishLanguage(perfect)).toMatchObject({
      ceLossRecovered: 1,
      klScore: 1,
      ceIncrease: 0,
    });
    const nothing = makeLanguageSums();
    addLanguage(nothing, { ...LOGITS, withSae: LOGITS.ablated }, AT_FIRST);
    expect(finishLanguage(nothing)).toMatchObject({ ceLossRecovered: 0, klScore: 0 });
  });

  it('have no score where ablation did not hurt', () => {
    const sums = makeLanguageSums();
    addLanguage(sums, { ...LOGITS, ablated: LOGITS.clean }, AT_FIRST);
    expect(finishLanguage(sums)).toMatchObject({ ceLossRecovered: null, klScore: null });
  });

  it('take only the rows that count, merge, and refuse conditions of unequal length', () => {
    const both = {
      clean: Float32Array.of(9, 1, ...LOGITS.clean),
      withSae: Float32Array.of(1, 9, ...LOGITS.withSae),
      ablated: Float32Array.of(1, 9, ...LOGITS.ablated),
    };
    const sums = makeLanguageSums();
    addLanguage(sums, both, { vocabSize: 2, rows: [1], targets: [0] });
    const twice = makeLanguageSums();
    mergeLanguage(twice, sums);
    mergeLanguage(twice, sums);
    expect(finishLanguage(twice).positions).toBe(2);
    expect(finishLanguage(twice).ceWithSae).toBeCloseTo(Math.log(2), 6);
    expect(() => addLanguage(sums, { ...both, ablated: LOGITS.ablated }, AT_FIRST)).toThrow(
      '2 values',
    );
  });

  it('stay finite for logits that exp cannot hold', () => {
    const sums = makeLanguageSums();
    const huge = Float32Array.of(2000, 0);
    addLanguage(sums, { clean: huge, withSae: huge, ablated: Float32Array.of(0, 2000) }, AT_FIRST);
    expect(finishLanguage(sums)).toMatchObject({ ceClean: 0, ceAblated: 2000, klAblated: 2000 });
  });
});

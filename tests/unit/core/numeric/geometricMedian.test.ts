// Weiszfeld's rule against dictionary_learning and scipy (fixture), and by hand.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { weiszfeld } from '../../../../src/core/numeric/geometricMedian';
import '../../../helpers/matchers';

const fixture = JSON.parse(
  readFileSync(new URL('../../../fixtures/geometric_median.json', import.meta.url), 'utf8'),
) as { d_in: number; points: number[]; dictionaryLearning: number[]; scipy: number[] };

function roundsOf(points: readonly number[], d: number): Float64Array[] {
  return [...weiszfeld(Float64Array.from(points), d)];
}

describe('the geometric median', () => {
  it('is that of dictionary_learning, and the least mean distance', () => {
    const rounds = roundsOf(fixture.points, fixture.d_in);
    const median = rounds.at(-1)!;
    expect(median).toBeAllclose(fixture.dictionaryLearning, { rtol: 0, atol: 1e-9 });
    expect(median).toBeAllclose(fixture.scipy, { rtol: 0, atol: 1e-4 });
    // The mean, where it begins, lies far off.
    expect(Math.abs(rounds[0]![0]! - median[0]!)).toBeGreaterThan(5);
  });

  it('is the middle one of three points on a line, where a distance is 0', () => {
    const rounds = roundsOf([0, 0, 1, 1, 10, 10], 2);
    expect(rounds.at(-1)).toBeAllclose([1, 1], { rtol: 0, atol: 1e-4 });
  });

  it('is the only point, at once', () => {
    const rounds = roundsOf([3, -4], 2);
    expect(rounds).toHaveLength(2);
    expect([...rounds.at(-1)!]).toEqual([3, -4]);
  });

  it('is given up after 100 rounds', () => {
    // Two points: every point between them is a median, and the rule creeps.
    for (const points of [fixture.points, [0, 0, 1, 1, 10, 10], [0, 1e9, 2e9, 7]]) {
      expect(roundsOf(points, points === fixture.points ? 5 : 2).length).toBeLessThanOrEqual(101);
    }
  });
});

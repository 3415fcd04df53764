import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { useCalculator } from '../../../../src/core/generate/calculator';
import { readChatGoldens } from '../../../helpers/model/chatGoldens';

/** Python values that are no number: upstream prints them, we have no result. */
const NO_NUMBERS = ['()', 'Ellipsis'];

describe('the calculator', () => {
  it.each(readChatGoldens().sums)('%j gives %j, as upstream does', (expression, result) => {
    const isNumber = result === null || !NO_NUMBERS.includes(result);
    expect(useCalculator(expression)).toBe(isNumber ? result : null);
  });

  it('refuses what upstream would evaluate beyond one count', () => {
    expect(useCalculator("'a'.count('a') if 1 else 2")).toBeNull();
  });

  it('answers or refuses any text, and takes no time over it', () => {
    const letters = fc.string({
      unit: fc.constantFrom(...Array.from('0123456789+-*/(). \'",acount_')),
      maxLength: 60,
    });
    fc.assert(
      fc.property(letters, (text) => {
        const result = useCalculator(text);
        expect(result === null || /^(-?[\d.]+(e[+-]\d+)?|-?inf|nan)$/.test(result)).toBe(true);
      }),
      { numRuns: 2000, seed: 5 },
    );
    expect(useCalculator('('.repeat(50_000))).toBeNull();
    expect(useCalculator('-'.repeat(50_000) + '1')).toBe('1');
  });
});

import { expect, it } from 'vitest';
import { counted } from '../../../../src/core/text/counted';

it('is in the singular for one, and in the plural for none and many', () => {
  expect([0, 1, 2048].map((n) => counted(n, 'feature'))).toEqual([
    '0 features',
    '1 feature',
    '2,048 features',
  ]);
  expect([1, 2].map((n) => counted(n, 'entry', 'entries'))).toEqual(['1 entry', '2 entries']);
});

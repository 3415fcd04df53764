// One row of another tool's file: text with its part, picture or what its box holds, clip, or its name alone.
import { render, screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import type { RowFacts } from '../../../src/core/activations/rowFacts';
import { RowContent } from '../../../src/ui/parts/rows/RowContent';

const SOURCE = 'blob:here/1';
const show = (facts: Partial<RowFacts>, source: string | null = SOURCE, isBrief = false) =>
  render(
    <RowContent
      shown={{ facts: { row: 7, kind: 'row', label: '', ...facts }, source }}
      isBrief={isBrief}
    />,
  ).container;

it('marks the part of a text', () => {
  const page = show({ kind: 'text', label: 'a red dog', span: [2, 5] }, null);
  expect(page.querySelector('mark')?.textContent).toBe('red');
  expect(page.textContent).toBe('a red dogrow 7');
});

it('shows a picture whole, or what its box holds', () => {
  show({ kind: 'image', ref: 'dog.png', label: 'a dog' });
  expect(screen.getByRole('img', { name: 'a dog' })).toHaveProperty('src', SOURCE);
  const cut = show({ kind: 'image', ref: 'dog.png', label: 'its ear', box: [10, 20, 64, 32] });
  expect(cut.querySelector('svg')?.getAttribute('viewBox')).toBe('10 20 64 32');
  expect(cut.querySelector('image')?.getAttribute('href')).toBe(SOURCE);
});

it('plays the seconds that a clip is about', () => {
  const page = show({ kind: 'audio', ref: 'bark.wav', label: 'a bark', time: [0.5, 1.25] });
  expect(page.querySelector('audio')?.src).toBe(`${SOURCE}#t=0.5,1.25`);
});

it('names a row whose picture is not there, or that nothing describes', () => {
  const page = show({ kind: 'image', ref: 'dog.png', label: 'a dog' }, null);
  expect(page.querySelector('img')).toBeNull();
  expect(page.textContent).toBe('a dog · dog.png · row 7');
  expect(show({}, null, true).textContent).toBe('row 7');
});

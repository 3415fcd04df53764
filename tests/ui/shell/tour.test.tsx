// The tour: five things to do, ticked off whichever way they are done, left and gone on with.
import { screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { FIRST_TRAIN_FORM } from '../../../src/store/train/trainState';
import { runOf } from '../../helpers/engine/engineDouble';
import { openPage } from '../page';

const tour = () => within(screen.getByRole('region', { name: 'Tour' }));
const next = () =>
  tour()
    .getAllByRole('listitem')
    .find((item) => item.getAttribute('aria-current') === 'step')?.textContent;

it('is never begun unasked, ticks itself off, and is never in the way', async () => {
  const page = await openPage();
  const { user, hear, goTo } = page;
  expect(screen.queryByRole('region', { name: 'Tour' })).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Show me around' }));
  expect(next()).toBe('Click a word');
  expect(screen.queryByRole('dialog')).toBeNull();

  const words = within(screen.getByRole('list', { name: 'Words of the text' }));
  await user.click(words.getByText('Lily.'));
  expect(next()).toBe('Open a feature');
  await user.click(tour().getByRole('button', { name: 'Do it for me' }));
  expect(screen.getByRole('heading', { name: 'Explore', level: 1 })).toBeShown();
  expect(next()).toBe('Turn it up');

  await goTo('Start');
  hear({ kind: 'run', run: runOf(FIRST_TRAIN_FORM) });
  expect(next()).toBe('Turn it up');
  await user.click(tour().getByRole('button', { name: 'Leave the tour' }));
  expect(page.settings.get('tour')).toBe('off:word,open,train');
  await user.click(screen.getByRole('button', { name: 'Go on with the tour: 3 of 5 done' }));
  expect(next()).toBe('Turn it up');
});

it('goes on after a reload, ends with a link, and can be taken again', async () => {
  const settings = { tour: 'on:word,open,turn,train' };
  const { user, goTo } = await openPage('', {}, { settings });
  await goTo('Train');
  expect(next()).toBe('Share');
  await user.click(tour().getByRole('button', { name: 'Copy link' }));
  expect(tour().getByText(/That was all/)).toBeShown();
  await user.click(tour().getByRole('button', { name: 'Close' }));
  await goTo('Start');
  await user.click(screen.getByRole('button', { name: 'Show me around' }));
  expect(next()).toBe('Click a word');
});

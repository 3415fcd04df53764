// A visitor and the guessed labels: made by a pass here, marked as guesses with their score, searched by.
import { screen, within } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { GUESSES } from '../../helpers/engineDouble';
import { openPage } from '../page';

const FEATURE = '#v=1&view=explore&sae=demo&feature=4';
const kept = { statistics: { labelGuesses: () => Promise.resolve(GUESSES) } };

afterEach(() => vi.unstubAllGlobals());

it('guesses in one pass that can be cancelled, and shows what came of it', async () => {
  const { user, api, hear } = await openPage(FEATURE);
  const [button] = await screen.findAllByRole('button', { name: 'Guess labels' });
  let finish: () => void = () => undefined;
  api.statistics.guessLabels.mockImplementationOnce(
    () =>
      new Promise((resolve) => {
        finish = () => resolve({ ok: true, value: GUESSES });
      }),
  );
  await user.click(button as HTMLElement);
  expect(api.statistics.guessLabels.mock.lastCall?.slice(0, 2)).toEqual([
    'demo-l1~b81e440a9c15',
    65_536,
  ]);
  const progress = { kind: 'labels', phase: 'read', done: 10, total: 40, unit: 'tokens' } as const;
  hear({ kind: 'progress', jobId: 1, progress });
  for (const told of screen.getAllByText('10 of 40 tokens')) expect(told).toBeShown();
  const [cancel] = screen.getAllByRole('button', { name: 'Cancel guessing' });
  await user.click(cancel as HTMLElement);
  expect(api.cancel).toHaveBeenCalledExactlyOnceWith(api.statistics.guessLabels.mock.lastCall?.[2]);
  finish();
  expect(await screen.findByText('after “word4”')).toBeShown();
  expect(
    screen.getByText(/its predictions on held-out text correlate by 0.74 \(3 tokens fired there/),
  ).toBeShown();
  expect(screen.getByText(/promotes “·up”/)).toBeShown();
  expect(screen.queryByRole('button', { name: 'Guess labels' })).toBeNull();
});

it('shows kept guesses in the table and finds features by them', async () => {
  const { user } = await openPage('#v=1&view=explore&sae=demo', kept);
  const grid = within(screen.getByRole('grid', { name: 'Features' }));
  expect(await grid.findByRole('columnheader', { name: 'Guess' })).toBeShown();
  expect(grid.getByRole('gridcell', { name: 'after “word6” (0.66)' })).toBeShown();
  await user.type(screen.getByRole('searchbox'), 'after “word1');
  const indices = grid
    .getAllByRole('row')
    .slice(1)
    .map((row) => within(row).getAllByRole('gridcell')[1]?.textContent);
  expect(indices).toEqual(['10', '12', '14', '16', '18']);
});

it('says so where it has no guess', async () => {
  await openPage('#v=1&view=explore&sae=demo&feature=5', kept);
  expect(await screen.findByText('no plain rule found')).toBeShown();
  expect(screen.getByText('It fired on 60 tokens of the text that was read.')).toBeShown();
});

it('offers no second opinion where the browser has no model, or would have to download it', async () => {
  await openPage(FEATURE, kept);
  await screen.findByText('after “word4”');
  expect(screen.queryByRole('button', { name: /Second opinion/ })).toBeNull();
  const create = vi.fn();
  const availability = vi.fn(() => Promise.resolve('downloadable'));
  vi.stubGlobal('LanguageModel', { availability, create });
  await openPage('#v=1&view=explore&sae=demo&feature=6', kept);
  await screen.findByText('after “word6”');
  await vi.waitUntil(() => availability.mock.calls.length > 0);
  expect(screen.queryByRole('button', { name: /Second opinion/ })).toBeNull();
  expect(create).not.toHaveBeenCalled();
});

it('asks the browser’s own model when told to, and shows its answer as another guess', async () => {
  const destroy = vi.fn();
  const prompt = vi.fn<(text: string) => Promise<string>>(() =>
    Promise.resolve('endings of words\nand more'),
  );
  vi.stubGlobal('LanguageModel', {
    availability: () => Promise.resolve('available'),
    create: () => Promise.resolve({ prompt, destroy }),
  });
  const { user } = await openPage(FEATURE, kept);
  await user.click(await screen.findByRole('button', { name: /^Second opinion/ }));
  expect(await screen.findByText(/says “endings of words”: another guess, not scored/)).toBeShown();
  expect(prompt.mock.calls[0]?.[0]).toContain(' once<< peak4>>');
  expect(destroy).toHaveBeenCalledOnce();
  prompt.mockRejectedValueOnce(new Error('busy'));
  await user.click(screen.getByRole('button', { name: /^Second opinion/ }));
  expect(await screen.findByText('The browser’s language model did not answer: busy')).toBeShown();
});

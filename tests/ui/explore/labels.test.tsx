// A visitor and the guessed labels: made by a pass here, marked as guesses with their score, searched by.
import { cleanup, screen, within } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { GUESSES } from '../../helpers/engine/engineDouble';
import { openPage } from '../page';

const FEATURE = '#v=1&view=explore&sae=demo&feature=4';
const kept = { statistics: { labelGuesses: () => Promise.resolve(GUESSES) } };

afterEach(() => vi.unstubAllGlobals());

it('guesses in one pass that can be cancelled, and shows what came of it', async () => {
  const { user, api, hear } = await openPage(FEATURE);
  const [button] = await screen.findAllByRole('button', { name: 'Guess names' });
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
  await user.click(screen.getByRole('button', { name: 'Cancel' }));
  expect(api.cancel).toHaveBeenCalledExactlyOnceWith(api.statistics.guessLabels.mock.lastCall?.[2]);
  finish();
  expect(await screen.findByRole('heading', { name: 'after “word4” feature 4' })).toBeShown();
  expect(screen.getByText('Guess, 0.74.').getAttribute('title')).toMatch(
    /its predictions on held-out text correlate by 0.74 \(3 tokens fired there/,
  );
  expect(screen.queryByRole('button', { name: 'Guess names' })).toBeNull();
});

it('names features by kept guesses, best understood first, and finds them by name', async () => {
  const { user } = await openPage('#v=1&view=explore&as=table&sae=demo&cols=score', kept);
  const grid = within(screen.getByRole('grid', { name: 'Features' }));
  expect(await grid.findByRole('gridcell', { name: 'after “word6”' })).toBeShown();
  expect(grid.getByRole('gridcell', { name: '0.66' })).toBeShown();
  const indices = () =>
    grid
      .getAllByRole('row')
      .slice(1)
      .map((row) => within(row).getAllByRole('gridcell')[1]?.textContent);
  // Those without a guess come last.
  expect(indices().slice(0, 3)).toEqual(['0', '2', '4']);
  await user.type(screen.getByRole('searchbox'), 'after “word1');
  expect(indices()).toEqual(['10', '12', '14', '16', '18']);
});

it('names a feature without a guess by what it fires on', async () => {
  await openPage('#v=1&view=explore&sae=demo&feature=5', kept);
  expect(await screen.findByRole('heading', { name: 'fires on “word5” feature 5' })).toBeShown();
});

it('asks about the browser’s own model only when told to, and downloads none', async () => {
  const first = await openPage(FEATURE, kept);
  await first.user.click(await screen.findByText('Evidence'));
  expect(screen.queryByRole('button', { name: /Second opinion/ })).toBeNull();
  cleanup();
  const create = vi.fn();
  const availability = vi.fn(() => Promise.resolve('downloadable'));
  vi.stubGlobal('LanguageModel', { availability, create });
  const { user } = await openPage('#v=1&view=explore&sae=demo&feature=6', kept);
  await user.click(await screen.findByText('Evidence'));
  const ask = await screen.findByRole('button', { name: /^Second opinion/ });
  // Browsers write into the console about the question itself.
  expect(availability).not.toHaveBeenCalled();
  await user.click(ask);
  expect(await screen.findByText('This browser has no language model on the device.')).toBeShown();
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
  await user.click(await screen.findByText('Evidence'));
  await user.click(await screen.findByRole('button', { name: /^Second opinion/ }));
  expect(await screen.findByText(/says “endings of words”: another guess, not scored/)).toBeShown();
  expect(prompt.mock.calls[0]?.[0]).toContain(' once<< peak4>>');
  expect(destroy).toHaveBeenCalledOnce();
  prompt.mockRejectedValueOnce(new Error('busy'));
  await user.click(screen.getByRole('button', { name: /^Second opinion/ }));
  expect(await screen.findByText('The browser’s language model did not answer: busy')).toBeShown();
});

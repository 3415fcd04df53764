// A visitor on the Explore screen.
import { screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { DEMO_SAE, problem } from '../../helpers/engine/engineDouble';
import { openPage } from '../page';

const TRAINED = {
  ...DEMO_SAE,
  saeId: 'mine~0123456789ab',
  name: 'mine',
  origin: 'trained' as const,
  statisticsTokens: 0,
};

function heading(latentIndex: number) {
  return screen.findByRole('heading', { name: new RegExp(`feature ${latentIndex}$`) });
}

it('lists latents strongest first and opens one with a click', async () => {
  const { user } = await openPage('#v=1&view=explore&as=table');
  const grid = within(screen.getByRole('grid', { name: 'Features' }));
  expect(grid.getAllByRole('row')[1]?.textContent).toContain('word0');
  await user.click(grid.getByRole('row', { name: /word3/ }));
  await heading(3);
  expect(screen.getByText(/on 40 of 10,000 counted. At most 37/)).toBeShown();
  await user.click(screen.getByText('Evidence'));
  expect(screen.getByRole('listitem', { name: '“·peak3”, activation 37' })).toBeShown();
  expect(screen.getByRole('img', { name: /40 firing tokens/ })).toBeShown();
  expect(within(screen.getByRole('list', { name: /^Promotes/ })).getByText('+2.50')).toBeShown();
  expect(within(screen.getByRole('list', { name: /^Suppresses/ })).getByText('−2.50')).toBeShown();
});

it('walks with j and k in the order shown, closes with Esc, and leaves keys in fields alone', async () => {
  const { user } = await openPage('#v=1&view=explore&as=table&sae=demo&feature=5');
  await heading(5);
  await user.keyboard('j');
  await heading(6);
  await user.keyboard('kk');
  await heading(4);
  await user.click(screen.getByRole('button', { name: /^#/ }));
  await user.click(screen.getByRole('button', { name: /^#/ }));
  await user.keyboard('j');
  await heading(3);
  await user.type(screen.getByRole('searchbox'), 'j');
  await heading(3);
  (document.activeElement as HTMLElement).blur();
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('heading', { name: /feature 3$/ })).toBeNull();
});

it('reopens the latent of a link, also when the address changes', async () => {
  const { visit } = await openPage('#v=1&view=feature&sae=demo&feature=12');
  await heading(12);
  await visit('#v=1&view=explore&sae=demo&feature=7');
  await heading(7);
});

it('finds features by a word they fire on, and shows dead ones with what is known of them', async () => {
  const { user } = await openPage('#v=1&view=explore&as=table');
  await user.type(screen.getByRole('searchbox'), 'word11');
  expect(screen.getAllByRole('row')).toHaveLength(2);
  const narrowing = within(screen.getByRole('group', { name: 'What narrows the list' }));
  expect(narrowing.getByRole('status').textContent).toBe('1 of 20 · 19 hidden by');
  await user.clear(screen.getByRole('searchbox'));
  expect(screen.queryByRole('group', { name: 'What narrows the list' })).toBeNull();
  await user.click(screen.getByRole('button', { name: 'dead 1' }));
  await user.click(screen.getByRole('row', { name: /never fired/ }));
  await heading(19);
  expect(screen.getByText(/It is dead/)).toBeShown();
  expect(screen.getByRole('list', { name: /^Promotes/ })).toBeShown();
  await user.type(screen.getByRole('searchbox'), 'nothing');
  await user.click(screen.getByRole('button', { name: 'Show all features' }));
  expect(screen.getAllByRole('row').length).toBeGreaterThan(10);
});

it('shows cards first: name, texts, and what opens, stars and turns up', async () => {
  const { user, api, pass, world } = await openPage('#v=1&view=explore');
  const list = within(screen.getByRole('list', { name: 'Features' }));
  const card = await list.findByRole('article', { name: 'Feature 3: fires on “word3”' });
  await waitFor(() => expect(card.textContent).toContain('once peak3 more'));
  // Those in sight were asked for at once.
  expect(api.statistics.cards).toHaveBeenCalledOnce();
  await user.click(within(card).getByRole('button', { name: 'Star feature 3' }));
  expect(api.statistics.setNote.mock.lastCall?.[1]).toMatchObject({ isStarred: true });
  expect(screen.getByRole('button', { name: 'starred 1' })).toBeShown();
  await user.click(within(card).getByRole('button', { name: 'fires on “word3”' }));
  await heading(3);
  await pass(300);
  expect(world.hash).toContain('view=feature');
  await user.click(within(card).getByRole('button', { name: /^Turn up feature 3/ }));
  expect(await screen.findByRole('heading', { name: 'Steer' })).toBeShown();
});

it('moves between cards by arrow keys, with one stop for Tab', async () => {
  const { user } = await openPage('#v=1&view=explore');
  const list = within(screen.getByRole('list', { name: 'Features' }));
  const stops = () => list.getAllByRole('button').filter((button) => button.tabIndex === 0);
  // Name, star and “Turn up” of one card.
  expect(stops()).toHaveLength(3);
  stops()[0]?.focus();
  await user.keyboard('{ArrowDown}{ArrowDown}');
  await waitFor(() => expect(document.activeElement?.textContent).toBe('fires on “word2”'));
  expect(stops()).toHaveLength(3);
  await user.keyboard('{Enter}');
  await heading(2);
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('heading', { name: /feature 2$/ })).toBeNull();
  // Back at its card, which opens it again.
  await user.keyboard('{Enter}');
  await heading(2);
});

it('keeps the evidence folded, and as it was left', async () => {
  const { user, settings } = await openPage('#v=1&view=explore&sae=demo&feature=5');
  await heading(5);
  expect(screen.queryByRole('list', { name: 'Decoder neighbours' })).toBeNull();
  await user.click(screen.getByText('Evidence'));
  expect(await screen.findByRole('list', { name: 'Decoder neighbours' })).toBeShown();
  expect(settings.get('evidence')).toBe('open');
});

it('computes statistics where there are none, shows how far it is, and cancels', async () => {
  const { user, api, hear } = await openPage(`#v=1&view=explore&sae=mine`, {
    sae: { list: () => Promise.resolve([DEMO_SAE, TRAINED]) },
    statistics: { compute: () => new Promise(() => undefined) },
  });
  expect(screen.queryByRole('grid')).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Compute statistics' }));
  const first = within(screen.getByRole('region', { name: 'First cards' }));
  expect(first.getByText(/the first cards come in a moment/)).toBeShown();
  expect(first.queryByRole('article')).toBeNull();
  const progress = {
    kind: 'statistics' as const,
    phase: 'run',
    done: 131_072,
    total: 524_288,
    unit: 'tokens' as const,
  };
  hear({ kind: 'progress', jobId: 1, progress });
  expect(screen.getByText('131,072 of 524,288 tokens')).toBeShown();
  await user.click(screen.getByRole('button', { name: 'Cancel' }));
  expect(api.cancel).toHaveBeenCalledExactlyOnceWith(api.statistics.compute.mock.lastCall?.[2]);
});

it('offers another try when a dashboard cannot be read', async () => {
  const { user, api } = await openPage('#v=1&view=explore&as=table');
  api.statistics.dashboard.mockResolvedValueOnce({
    ok: false,
    problem: problem('A block is missing.', 'Try again.'),
  });
  await user.click(screen.getByRole('row', { name: /word2”/ }));
  expect((await screen.findByRole('alert')).textContent).toContain('A block is missing.');
  await user.click(screen.getByRole('button', { name: 'Retry' }));
  expect(await screen.findByRole('list', { name: /^Promotes/ })).toBeShown();
});

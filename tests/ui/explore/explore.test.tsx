// A visitor on the Explore screen.
import { screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { DEMO_SAE, problem } from '../../helpers/engineDouble';
import { openPage } from '../page';

const TRAINED = {
  ...DEMO_SAE,
  saeId: 'mine~0123456789ab',
  name: 'mine',
  origin: 'trained' as const,
  statisticsTokens: 0,
};

function heading(name: string) {
  return screen.findByRole('heading', { name });
}

it('lists latents strongest first and opens one with a click', async () => {
  const { user } = await openPage('#v=1&view=explore');
  const grid = within(screen.getByRole('grid', { name: 'Features' }));
  expect(grid.getAllByRole('row')[1]?.textContent).toContain('token0');
  await user.click(grid.getByRole('row', { name: /token3/ }));
  await heading('Feature 3');
  expect(screen.getByText('40 of 10,000 tokens')).toBeShown();
  expect(screen.getByRole('listitem', { name: '“·peak3”, activation 37' })).toBeShown();
  expect(screen.getByRole('img', { name: /40 firing tokens/ })).toBeShown();
  expect(within(screen.getByRole('list', { name: /^Promotes/ })).getByText('+2.50')).toBeShown();
  expect(within(screen.getByRole('list', { name: /^Suppresses/ })).getByText('−2.50')).toBeShown();
});

it('walks with j and k in the order shown, closes with Esc, and leaves keys in fields alone', async () => {
  const { user } = await openPage('#v=1&view=explore&sae=demo&feature=5');
  await heading('Feature 5');
  await user.keyboard('j');
  await heading('Feature 6');
  await user.keyboard('kk');
  await heading('Feature 4');
  await user.click(screen.getByRole('button', { name: /^Index/ }));
  await user.click(screen.getByRole('button', { name: /^Index/ }));
  await user.keyboard('j');
  await heading('Feature 3');
  await user.type(screen.getByRole('searchbox'), 'j');
  await heading('Feature 3');
  (document.activeElement as HTMLElement).blur();
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('heading', { name: 'Feature 3' })).toBeNull();
});

it('reopens the latent of a link, also when the address changes', async () => {
  const { visit } = await openPage('#v=1&view=feature&sae=demo&feature=12');
  await heading('Feature 12');
  await visit('#v=1&view=explore&sae=demo&feature=7');
  await heading('Feature 7');
});

it('finds latents by token and shows dead ones with what is known of them', async () => {
  const { user } = await openPage('#v=1&view=explore');
  await user.type(screen.getByRole('searchbox'), 'token11');
  expect(screen.getAllByRole('row')).toHaveLength(2);
  await user.clear(screen.getByRole('searchbox'));
  await user.click(screen.getByRole('radio', { name: 'Dead 1' }));
  await user.click(screen.getByRole('row', { name: /token19/ }));
  await heading('Feature 19');
  expect(screen.getByText(/This feature is dead/)).toBeShown();
  expect(screen.getByRole('list', { name: /^Promotes/ })).toBeShown();
  await user.type(screen.getByRole('searchbox'), 'nothing');
  await user.click(screen.getByRole('button', { name: 'Clear search' }));
  expect(screen.getAllByRole('row').length).toBeGreaterThan(10);
});

it('computes statistics where there are none, shows how far it is, and cancels', async () => {
  const { user, api, hear } = await openPage(`#v=1&view=explore&sae=mine`, {
    sae: { list: () => Promise.resolve([DEMO_SAE, TRAINED]) },
    statistics: { compute: () => new Promise(() => undefined) },
  });
  expect(screen.queryByRole('grid')).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Compute statistics' }));
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

it('says why an import failed and how to mend it', async () => {
  const { user } = await openPage('#v=1&view=explore', {
    sae: {
      import: () =>
        Promise.resolve({
          ok: false,
          problem: problem('cfg.json: architecture is "jumprelu".', 'Import a TopK SAE.'),
        }),
    },
  });
  const zone = screen.getByRole('group', { name: 'Import an SAE' });
  await user.upload(within(zone).getByLabelText('Choose files'), [new File(['{}'], 'cfg.json')]);
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toBe('cfg.json: architecture is "jumprelu".Import a TopK SAE.');
});

it('offers another try when a dashboard cannot be read', async () => {
  const { user, api } = await openPage('#v=1&view=explore');
  api.statistics.dashboard.mockResolvedValueOnce({
    ok: false,
    problem: problem('A block is missing.', 'Try again.'),
  });
  await user.click(screen.getByRole('row', { name: /token2 / }));
  expect((await screen.findByRole('alert')).textContent).toContain('A block is missing.');
  await user.click(screen.getByRole('button', { name: 'Retry' }));
  expect(await screen.findByRole('list', { name: /^Promotes/ })).toBeShown();
});

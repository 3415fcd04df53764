// SAEs in the Library: renamed in place, looked through, taken out, deleted.
import { screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { DEMO_SAE } from '../../helpers/engineDouble';
import { LIBRARY, openPage } from '../page';

const MINE = { ...DEMO_SAE, saeId: 'mine~1', name: 'mine', origin: 'trained' as const };
const saes = { list: () => Promise.resolve([DEMO_SAE, MINE]) };
const list = () => within(screen.getByRole('region', { name: 'SAEs' }));

it('renames one with Enter, keeps the old name with Esc, and leaves the demo its own', async () => {
  const { user, api } = await openPage(LIBRARY, { sae: saes });
  expect(list().queryByRole('button', { name: 'Rename demo SAE' })).toBeNull();
  await user.click(list().getByRole('button', { name: 'Rename mine' }));
  await user.keyboard('other{Escape}');
  expect(api.sae.rename).not.toHaveBeenCalled();
  await user.click(list().getByRole('button', { name: 'Rename mine' }));
  await user.keyboard('colours{Enter}');
  expect(api.sae.rename.mock.calls).toEqual([['mine~1', 'colours']]);
  expect(list().queryByRole('textbox')).toBeNull();
});

it('leads to Explore, and deletes after a question', async () => {
  const { user, api } = await openPage(LIBRARY, { sae: saes });
  await user.click(list().getByRole('button', { name: 'Delete mine' }));
  await user.click(list().getByRole('button', { name: 'Delete' }));
  expect(api.sae.delete.mock.calls).toEqual([['mine~1']]);
  await user.click(list().getByRole('button', { name: 'Explore mine' }));
  expect(screen.getByRole('heading', { name: 'Explore', level: 1 })).toBeShown();
  expect(screen.getByRole('button', { name: 'SAE: mine 20 features' })).toBeShown();
});

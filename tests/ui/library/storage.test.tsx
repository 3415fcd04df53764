// The Library's meter: how full storage is, and keeping it safe.
import { act, screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { FIRST_TRAIN_FORM } from '../../../src/store/train/trainState';
import { runOf } from '../../helpers/engine/engineDouble';
import { settled } from '../../helpers/engine/testEnvironment';
import { LIBRARY, openPage } from '../page';

const GB = 1e9;

async function openWith(room: { used: number; quota: number; isPersistent: boolean } | null) {
  const page = await openPage(LIBRARY, {}, { room });
  await act(settled);
  return page;
}

it('says how full storage is, and warns from 80 % on', async () => {
  const { room, goTo } = await openWith({ used: 2 * GB, quota: 10 * GB, isPersistent: true });
  const meter = screen.getByRole('meter', { name: 'Storage used' });
  expect(meter.getAttribute('aria-valuenow')).toBe('20');
  expect(screen.getByText(/2 GB of the 10 GB/)).toBeShown();
  expect(screen.getByText(/Kept safe/)).toBeShown();
  expect(screen.queryByText(/Room gets scarce/)).toBeNull();
  room.current = { used: 8 * GB, quota: 10 * GB, isPersistent: true };
  await goTo('Start');
  await goTo('Library');
  expect(await screen.findByText(/Room gets scarce/)).toBeShown();
});

it('asks the browser to keep it, and says when it refuses', async () => {
  const { user, room } = await openWith({ used: GB, quota: 10 * GB, isPersistent: false });
  room.grants = false;
  await user.click(screen.getByRole('button', { name: 'Keep it safe' }));
  expect(await screen.findByText(/The browser refused/)).toBeShown();
  room.grants = true;
  await user.click(screen.getByRole('button', { name: 'Keep it safe' }));
  expect(await screen.findByText(/Kept safe/)).toBeShown();
});

it('says how much of what runs read is kept, keeps no more when told so, and deletes it', async () => {
  const page = await openWith({ used: GB, quota: 10 * GB, isPersistent: true });
  expect(screen.queryByRole('group', { name: 'What your runs read' })).toBeNull();
  const kept = { isOn: true, byteLength: 5e8, tokens: 1_000_000, room: GB };
  page.hear({ kind: 'keptActivations', kept });
  const group = await screen.findByRole('group', { name: 'What your runs read' });
  expect(within(group).getByText(/500 MB.* 1,000,000 tokens/)).toBeShown();
  await page.user.click(within(group).getByRole('checkbox', { name: /Keep it, up to 1 GB/ }));
  expect(page.api.activations.setKeeping).toHaveBeenCalledWith(false);
  await page.user.click(within(group).getByRole('button', { name: 'Delete what runs read' }));
  expect(page.api.activations.forget).toHaveBeenCalledOnce();
  page.hear({ kind: 'keptActivations', kept: { ...kept, isOn: false, byteLength: 0, tokens: 0 } });
  expect(await within(group).findByText(/Nothing is kept yet/)).toBeShown();
  expect(within(group).getByRole<HTMLInputElement>('checkbox').checked).toBe(false);
  expect(within(group).queryByRole('button')).toBeNull();
});

it('shows no meter where the browser does not tell', async () => {
  await openWith(null);
  expect(screen.queryByRole('meter')).toBeNull();
});

it('asks at the first thing of one’s own, and warns on every screen when room gets scarce (7.7)', async () => {
  const page = await openPage('', {}, { room: { used: GB, quota: 10 * GB, isPersistent: false } });
  page.room.grants = true;
  page.hear({ kind: 'run', run: runOf(FIRST_TRAIN_FORM, { runId: 'run-7' }) });
  await act(settled);
  expect(page.room.current?.isPersistent).toBe(true);
  expect(screen.queryByText(/nearly full/)).toBeNull();
  page.room.current = { used: 8.5 * GB, quota: 10 * GB, isPersistent: true };
  page.hear({ kind: 'run', run: runOf(FIRST_TRAIN_FORM, { runId: 'run-8' }) });
  expect(await screen.findByText(/storage for the page is nearly full/)).toBeShown();
});

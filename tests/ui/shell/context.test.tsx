// The top bar: model, place and SAE in one sight on every screen, and what goes on.
import { screen, within } from '@testing-library/react';
import type { UserEvent } from '@testing-library/user-event';
import { expect, it } from 'vitest';
import { DEMO_SAE, MODEL, runOf } from '../../helpers/engine/engineDouble';
import { FIRST_TRAIN_FORM } from '../../../src/store/train/trainState';
import { openPage } from '../page';

const OTHER = {
  ...DEMO_SAE,
  saeId: 'mine~1',
  name: 'mine',
  origin: 'trained' as const,
  d_sae: 512,
};
const saes = { list: () => Promise.resolve([DEMO_SAE, OTHER]) };

/** The panel that a button of the top bar opens. */
async function openMenu(user: UserEvent, name: RegExp) {
  const button = screen.getByRole('button', { name });
  await user.click(button);
  return within(document.getElementById(button.getAttribute('popovertarget') ?? '')!);
}

/** In the bar itself; the panel has it again. */
const firstButton = (name: string) => screen.getAllByRole('button', { name })[0]!;

it('names model, place and SAE on every screen, and changes the SAE', async () => {
  const { user, goTo } = await openPage('', { sae: saes });
  for (const name of ['Start', 'Explore', 'Steer', 'Train', 'Evaluate', 'Library']) {
    await goTo(name);
    expect(screen.getByRole('button', { name: 'Model: demo 2 layers' })).toBeShown();
    expect(screen.getByRole('button', { name: 'Place in the model: after block 1' })).toBeShown();
    expect(screen.getByRole('button', { name: 'SAE: demo SAE 20 features' })).toBeShown();
  }
  const menu = await openMenu(user, /^SAE: /);
  await user.click(menu.getByRole('button', { name: /^mine/ }));
  expect(screen.getByRole('button', { name: 'SAE: mine 512 features' })).toBeShown();
});

it('leads from a place without an SAE to training one there', async () => {
  const { user } = await openPage();
  const menu = await openMenu(user, /^Place in the model: /);
  await user.click(menu.getByRole('button', { name: 'after block 0 train one here' }));
  expect(screen.getByRole('heading', { name: 'Train', level: 1 })).toBeShown();
  expect(screen.getByRole<HTMLSelectElement>('combobox', { name: 'Where' }).value).toBe(
    'blocks.0.hook_resid_post',
  );
});

it('opens an earlier import from the menu of models', async () => {
  const { user, api, hear } = await openPage();
  const kept = {
    id: 'd20~1',
    name: 'd20',
    isDemo: false,
    byteLength: 1e9,
    savedAt: '2026-01-01T00:00:00Z',
  };
  hear({ kind: 'keptModels', models: [kept], note: null });
  const menu = await openMenu(user, /^Model: /);
  expect(menu.getByRole('button', { name: `${MODEL.name} 23.5 MB` })).toBeShown();
  await user.click(menu.getByRole('button', { name: 'd20 1 GB' }));
  expect(api.model.open.mock.lastCall?.[0]).toEqual({ kind: 'kept', id: 'd20~1' });
});

it('shows work with its progress and cancels it by its id; a run is stopped', async () => {
  const { user, api, hear } = await openPage();
  expect(screen.queryByRole('group', { name: 'Running' })).toBeNull();
  const progress = { phase: 'reading', done: 30, total: 60, unit: 'tokens' as const };
  hear({ kind: 'progress', jobId: 41, progress: { ...progress, kind: 'map' } });
  expect(screen.getByRole('button', { name: /^Running: Drawing the map.*50 %/ })).toBeShown();
  await user.click(firstButton('Cancel: Drawing the map'));
  expect(api.cancel).toHaveBeenCalledExactlyOnceWith(41);
  hear({ kind: 'progress', jobId: 41, progress: null });
  expect(screen.queryByRole('group', { name: 'Running' })).toBeNull();

  hear({ kind: 'progress', jobId: -2, progress: { ...progress, kind: 'runtime' } });
  expect(screen.getByRole('button', { name: /^Running: Loading the runtime/ })).toBeShown();
  expect(screen.queryByRole('button', { name: /^Cancel: / })).toBeNull();

  hear({ kind: 'run', run: runOf(FIRST_TRAIN_FORM, { runId: 'run-7' }) });
  await user.click(firstButton('Stop: Training'));
  expect(api.train.stop).toHaveBeenCalledExactlyOnceWith('run-7');
});

it('goes back and forward between screens and features, not between the steps of one', async () => {
  const { goTo, pass, world, visit } = await openPage();
  await goTo('Explore');
  await pass(300);
  await goTo('Train');
  await pass(300);
  expect(world.history.map((hash) => /view=(\w+)/.exec(hash)?.[1] ?? '')).toEqual(['', 'explore']);
  await visit(world.history.pop() ?? '');
  expect(screen.getByRole('heading', { name: 'Explore', level: 1 })).toBeShown();
  await pass(300);
  expect(world.history).toHaveLength(1);
  await visit(world.history.pop() ?? '');
  expect(screen.getByRole('heading', { name: /language model/ })).toBeShown();
});

it.each([
  ['#v=1&view=model', 'Library'],
  ['#/model', 'Library'],
  ['#/train', 'Train'],
])('opens the old link %s', async (hash, name) => {
  await openPage(hash);
  expect(screen.getByRole('heading', { name, level: 1 })).toBeShown();
});

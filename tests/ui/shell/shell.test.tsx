// The frame: keys, help, theme, links, and what axe finds on every screen.
import { screen } from '@testing-library/react';
import axe from 'axe-core';
import { expect, it } from 'vitest';
import { problem } from '../../helpers/engine/engineDouble';
import { openPage } from '../page';

it('goes from screen to screen with g and a letter, unless single keys are off', async () => {
  const { user } = await openPage();
  await user.keyboard('gx');
  expect(screen.getByRole('heading', { name: 'Explore' })).toBeShown();
  await user.keyboard('gt');
  expect(screen.getByRole('heading', { name: 'Train' })).toBeShown();
  await user.keyboard('?');
  expect(await screen.findByRole('dialog', { name: 'Help' })).toBeShown();
  expect(screen.getByText('Residual stream')).toBeShown();
  const guide = screen.getByRole('link', { name: 'Troubleshooting' });
  expect(guide.getAttribute('href')).toBe('./docs/guide/troubleshooting.html');
  await user.click(screen.getByRole('checkbox', { name: /Single-key shortcuts/ }));
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('dialog')).toBeNull();
  await user.keyboard('gx');
  expect(screen.getByRole('heading', { name: 'Train' })).toBeShown();
});

it('changes the theme and remembers it', async () => {
  const { user, settings } = await openPage();
  await user.click(screen.getByRole('button', { name: /^Theme: auto/ }));
  await user.click(screen.getByRole('button', { name: /^Theme: light/ }));
  expect(document.documentElement.dataset['theme']).toBe('dark');
  expect(settings.get('theme')).toBe('dark');
});

it('shows what a title says while its button has the focus of the keyboard', async () => {
  const { user } = await openPage();
  const help = screen.getByRole('button', { name: 'Help: guide, keys, words' });
  screen.getByRole('button', { name: /^Theme: / }).focus();
  await user.tab();
  expect(document.activeElement).toBe(help);
  expect(screen.getByText('Guide, keys, words (?)')).toBeShown();
  await user.tab();
  expect(screen.queryByText('Guide, keys, words (?)')).toBeNull();
});

it('shows a problem nobody else owns until it is dismissed', async () => {
  const { user, hear } = await openPage();
  hear({ kind: 'problem', problem: problem('The GPU was lost.', 'Press Resume.') });
  expect(screen.getByRole('alert').textContent).toContain('Press Resume.');
  await user.click(screen.getByRole('button', { name: 'Dismiss' }));
  expect(screen.queryByRole('alert')).toBeNull();
});

it('says that the engine did not start, and what to do (7.6)', async () => {
  await openPage('', {
    subscribe: () => Promise.reject(new Error('its files did not load')),
    answer: () => new Promise(() => undefined),
  });
  expect(screen.getByRole('alert').textContent).toContain('did not start: its files did not load.');
  expect(screen.getByText('engine not started')).toBeShown();
  expect(screen.getByRole('button', { name: 'Reload the page' })).toBeShown();
  // What cannot work does not look as if it could.
  const train = screen.getByRole<HTMLButtonElement>('button', { name: /^Train your own/ });
  expect(train.disabled).toBe(true);
  expect(train.title).toBe('The engine did not start: reload the page.');
});

it('says that the engine is silent, at the start and later, until it answers (7.6)', async () => {
  const waiting: (() => void)[] = [];
  const answer = () => new Promise<void>((resolve) => void waiting.push(resolve));
  const { pass } = await openPage('', { answer });
  const answerAll = async () => {
    for (const resolve of waiting.splice(0)) resolve();
    await pass(0);
  };
  await pass(19_000);
  expect(screen.queryByText(/has not started yet/)).toBeNull();
  await pass(1_000);
  expect(screen.getByText(/has not started yet/)).toBeShown();
  await answerAll();
  expect(screen.queryByText(/has not started yet/)).toBeNull();
  await pass(5_000);
  await pass(20_000);
  expect(screen.getByText(/has not answered for 20 seconds/)).toBeShown();
  await answerAll();
  expect(screen.queryByText(/has not answered/)).toBeNull();
});

it('copies the link to what is on screen', async () => {
  const { user } = await openPage('#v=1&view=explore&sae=demo&feature=6');
  await screen.findByRole('heading', { name: /feature 6$/ });
  await user.click(screen.getByRole('button', { name: 'Copy link' }));
  expect(await navigator.clipboard.readText()).toMatch(
    /#v=1&view=feature&sae=demo-l1~b81e440a9c15&feature=6$/,
  );
});

it.each([
  ['Library', '#v=1&view=library'],
  ['Train', '#v=1&view=train'],
  ['Explore', '#v=1&view=explore&sae=demo&feature=6'],
  ['Steer', '#v=1&view=steer&sae=demo&steer=3:add:1max'],
])('has nothing serious for axe on %s', async (name, hash) => {
  const { container, user } = await openPage(hash);
  await screen.findByRole('heading', { name, level: 1 });
  if (name === 'Steer') await user.click(screen.getByRole('button', { name: 'Generate' }));
  // jsdom paints nothing: contrast is checked in a real browser.
  const result = await axe.run(container, { rules: { 'color-contrast': { enabled: false } } });
  const serious = result.violations.filter(
    ({ impact }) => impact === 'serious' || impact === 'critical',
  );
  expect(serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)).toEqual([]);
});

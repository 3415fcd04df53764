// A visitor watches features while they train: cards, pins, one opened and stamped with its step.
import { act, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FIRST_TRAIN_FORM } from '../../../src/store/train/trainState';
import { DEMO_SAE, runOf, type EngineAnswers } from '../../helpers/engine/engineDouble';
import { openPage } from '../page';

const RUN = runOf(FIRST_TRAIN_FORM);

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

async function openRun(over: EngineAnswers = {}) {
  const page = await openPage('#v=1&view=train', over);
  page.hear({ kind: 'run', run: RUN });
  return page;
}

const tiles = () => within(screen.getByRole('list', { name: 'Feature cards' }));
const opens = () =>
  tiles()
    .getAllByRole('article')
    .map((card) => /^Feature (\d+)/.exec(card.getAttribute('aria-label') ?? '')?.[1]);

it('shows 12 cards and asks again every two seconds, for the same ones', async () => {
  const { api, hear } = await openRun();
  await screen.findByRole('list', { name: 'Feature cards' });
  expect(opens()).toHaveLength(12);
  expect(screen.getByText('step 10, from 2,048 tokens of the last batches')).toBeShown();
  expect(api.train.live).toHaveBeenCalledOnce();
  await act(() => vi.advanceTimersByTimeAsync(2000));
  expect(api.train.live).toHaveBeenCalledTimes(2);
  expect(api.train.live.mock.calls[1]?.[0].latentIndices).toEqual([...Array(12).keys()]);
  hear({ kind: 'run', run: { ...RUN, phase: { kind: 'paused' } } });
  await act(() => vi.advanceTimersByTimeAsync(6000));
  expect(api.train.live).toHaveBeenCalledTimes(2);
});

it('keeps pinned cards when others are asked for', async () => {
  const { user, api } = await openRun();
  await screen.findByRole('list', { name: 'Feature cards' });
  await user.click(screen.getByRole('button', { name: 'Pin feature 7' }));
  await user.click(screen.getByRole('button', { name: 'Show others' }));
  expect(api.train.live).toHaveBeenLastCalledWith({
    runId: 'run-1',
    latentIndices: [7],
    fill: 11,
  });
  expect(opens()[0]).toBe('7');
  expect(screen.getByRole('button', { name: 'Pin feature 7' }).getAttribute('aria-pressed')).toBe(
    'true',
  );
});

it('opens any feature, stamped with its step, and goes back', async () => {
  const { user, api } = await openRun();
  await screen.findByRole('list', { name: 'Feature cards' });
  await user.click(screen.getByRole('button', { name: 'fires on “live3”' }));
  expect(screen.getByRole('heading', { name: 'Feature 3 step 10' })).toBeShown();
  expect(screen.getByRole('listitem', { name: '“·live3”, activation 5' })).toBeShown();
  expect(screen.getByRole('listitem', { name: '“·a”, not sampled' })).toBeShown();
  expect(await screen.findByText('+2.50')).toBeShown();
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('heading', { name: 'Feature 3 step 10' })).toBeNull();
  await user.type(screen.getByRole('spinbutton', { name: 'Feature, 0 to 1023' }), '900');
  await user.click(screen.getByRole('button', { name: 'Open' }));
  expect(await screen.findByRole('heading', { name: 'Feature 900 step 10' })).toBeShown();
  expect(api.train.liveLogits).toHaveBeenLastCalledWith('run-1', 900);
  expect(await screen.findByRole('listitem', { name: '“·live900”, activation 5' })).toBeShown();
});

it('says why an architecture has no cards', async () => {
  const none = { step: null, tokens: 0, tiles: [], refusal: 'None here.' };
  await openRun({ train: { live: () => Promise.resolve({ ok: true, value: none }) } });
  expect(await screen.findByText('None here.')).toBeShown();
});

it('opens a feature of the finished SAE from its card', async () => {
  const { user, api, hear } = await openRun();
  await screen.findByRole('list', { name: 'Feature cards' });
  const sae = { ...DEMO_SAE, saeId: 'x~1', name: 'l2-run-1', origin: 'trained' as const };
  hear(
    { kind: 'saes', saes: [DEMO_SAE, sae] },
    { kind: 'run', run: { ...RUN, phase: { kind: 'done' } } },
  );
  expect(screen.queryByRole('button', { name: 'Pin feature 3' })).toBeNull();
  await user.click(screen.getByRole('button', { name: 'fires on “live3”' }));
  expect(screen.getByRole('heading', { name: 'Explore' })).toBeShown();
  expect(api.statistics.dashboard).toHaveBeenLastCalledWith('x~1', 3);
});

it('keeps its cards in Explore until the first features of the new SAE are counted', async () => {
  const trained = {
    ...DEMO_SAE,
    saeId: 'mine~0123456789ab',
    origin: 'trained' as const,
    runId: RUN.runId,
    statisticsTokens: 0,
  };
  const { user, visit } = await openRun({
    sae: { list: () => Promise.resolve([DEMO_SAE, trained]) },
    statistics: { compute: () => new Promise(() => undefined) },
  });
  await screen.findByRole('list', { name: 'Feature cards' });
  await visit(`#v=1&view=explore&sae=${trained.saeId}`);
  await user.click(screen.getByRole('button', { name: 'Compute statistics' }));
  const first = within(screen.getByRole('region', { name: 'First cards' }));
  expect(first.getAllByRole('article')).toHaveLength(12);
  expect(first.getByText(/^As training saw them last/)).toBeShown();
});

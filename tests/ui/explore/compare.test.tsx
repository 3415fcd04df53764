// Two SAEs side by side: matched on request, listed by cosine, a pair opens both features.
import { screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import type { EngineApi } from '../../../src/engine/api';
import { DEMO_SAE } from '../../helpers/engine/engineDouble';
import { openPage } from '../page';

const OTHER = { ...DEMO_SAE, saeId: 'mine~0123456789ab', name: 'mine', origin: 'trained' as const };
const EXPLORE = '#v=1&view=explore&sae=demo';
const compareSaes: EngineApi['explore']['compare'] = (saeId, other) => {
  const match = { latentIndex: 3, otherIndex: 5, cosine: 0.97, isMutual: true };
  const alone = { latentIndex: 4, otherIndex: 5, cosine: 0.4, isMutual: false };
  const matching = { matches: [match, alone], unmatchedOthers: Uint32Array.from([6, 7]) };
  return Promise.resolve({ ok: true, value: { saeId, other, ...matching } });
};

it('says what is needed while there is only one SAE', async () => {
  const { user } = await openPage(EXPLORE);
  await user.click(await screen.findByRole('radio', { name: 'Compare' }));
  expect(await screen.findByText('Nothing to compare with')).toBeShown();
});

it('matches features on request and opens a pair on both sides', async () => {
  const { user, api } = await openPage(EXPLORE, {
    explore: { compare: compareSaes },
    sae: { list: () => Promise.resolve([DEMO_SAE, OTHER]) },
  });
  await user.click(await screen.findByRole('radio', { name: 'Compare' }));
  await user.click(await screen.findByRole('button', { name: 'Match features' }));
  expect(
    await screen.findByText(/^1 pair of features, each the other’s nearest direction/),
  ).toBeShown();
  const row = screen.getByRole('button', { name: /3 .*5 0\.97/ });
  // Both by their names: the other SAE is asked for what its features fire on.
  expect(await within(row).findByTitle('fires on “word3”')).toBeShown();
  expect(await within(row).findByTitle('fires on “word5”')).toBeShown();
  expect(api.statistics.cards).toHaveBeenCalledWith(OTHER.saeId, [5]);
  await user.click(row);
  const pair = await screen.findByRole('region', { name: 'The pair side by side' });
  expect(await within(pair).findByText('mine, feature 5')).toBeShown();
  expect(api.statistics.dashboard).toHaveBeenCalledWith(OTHER.saeId, 5);
  // It covers nothing: opening one of its features is a press of its own.
  expect(screen.queryByRole('button', { name: 'All features' })).toBeNull();
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('region', { name: 'The pair side by side' })).toBeNull();
  await user.click(screen.getByText('Only there 2'));
  const alone = within(screen.getByRole('list', { name: 'Features only there' }));
  expect(await alone.findByTitle('fires on “word6”')).toBeShown();
  expect(alone.getAllByRole('listitem')).toHaveLength(2);
});

it('compares an SAE with itself at a saved step, and shows what a direction promoted then', async () => {
  const { user, api } = await openPage(EXPLORE, {
    explore: { compare: compareSaes },
    sae: {
      savedSteps: () => Promise.resolve({ ok: true, value: [0, 64] }),
      savedLogits: ({ step }) =>
        Promise.resolve({
          ok: true,
          value: { step, topLogits: [{ text: ' early', tokenId: 9, value: 2 }], bottomLogits: [] },
        }),
    },
  });
  await user.click(await screen.findByRole('radio', { name: 'Compare' }));
  await user.selectOptions(
    await screen.findByLabelText('Compare with'),
    'This SAE at step 64 of its training',
  );
  await user.click(screen.getByRole('button', { name: 'Match features' }));
  const other = { saeId: DEMO_SAE.saeId, step: 64 };
  expect(api.explore.compare).toHaveBeenCalledWith(DEMO_SAE.saeId, other, expect.any(Number));
  expect(await screen.findByText(/0 kept their number/)).toBeShown();
  await user.click(screen.getByRole('button', { name: /3 .*5 0\.97/ }));
  const pair = within(await screen.findByRole('region', { name: 'The pair side by side' }));
  expect(await pair.findByText('step 64, feature 5')).toBeShown();
  expect(await pair.findByText('·early')).toBeShown();
  expect(api.sae.savedLogits).toHaveBeenCalledWith({ ...other, latentIndex: 5 });
});

// Counts of features name the tokens that they are of.
import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { DEMO_SAE } from '../../helpers/engine/engineDouble';
import { openPage } from '../page';

it('says which tokens dead and dense features were counted on (7.18)', async () => {
  const sae = {
    ...DEMO_SAE,
    statisticsTokens: 524_288,
    deadFraction: 0.05,
    deadAfterTokens: 100_000,
  };
  const { goTo } = await openPage('#v=1&view=explore', {
    sae: { list: () => Promise.resolve([sae]) },
  });
  expect(
    await screen.findByText(/of 524,288 tokens: dead on none, dense on more than 10 %/),
  ).toBeShown();
  expect(screen.getByRole('button', { name: /^dense \d/ })).toBeShown();
  await goTo('Library');
  expect(screen.getByText(/5.% dead in training \(silent for 100K tokens\)/)).toBeShown();
});

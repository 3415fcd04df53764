// A visitor who opens an SAE of another model.
import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { DEMO_SAE, MODEL } from '../../helpers/engine/engineDouble';
import { openPage } from '../page';

const foreign = {
  ...DEMO_SAE,
  saeId: 'imported-l0~0123456789ab',
  name: 'imported-l0',
  modelId: 'pythia-14m',
  origin: 'imported' as const,
  hookPoint: MODEL.hookPoints[0]!,
  d_in: MODEL.n_embd,
};
const fit = { saeId: foreign.saeId, modelId: MODEL.id, tokens: 2048, corpus: 'demo' };
const link = `#v=1&view=explore&sae=${foreign.saeId}`;

const open = (explainedVariance: number) =>
  openPage(link, {
    sae: { list: () => Promise.resolve([DEMO_SAE, foreign]) },
    evaluate: {
      measureFit: () => Promise.resolve({ ok: true, value: { ...fit, explainedVariance } }),
    },
  });

it('is told for whose model it was made, and, measured, that it does not look like one of this (7.14)', async () => {
  const { user } = await open(-0.25);
  expect(await screen.findByText(/was made for pythia-14m; the open model is demo~/)).toBeShown();
  await user.click(screen.getByRole('button', { name: 'Measure whether it fits this model' }));
  expect(
    await screen.findByText(/does not look like an SAE of this model: it explains −0\.250 of/),
  ).toBeShown();
  expect(screen.queryByRole('button', { name: 'Measure whether it fits this model' })).toBeNull();
});

it('is told what one explains that fits', async () => {
  const { user } = await open(0.8);
  await user.click(
    await screen.findByRole('button', { name: 'Measure whether it fits this model' }),
  );
  expect(await screen.findByText(/It explains 0\.800 of the variance/)).toBeShown();
  expect(screen.queryByText(/does not look like/)).toBeNull();
});

// A visitor on the Steer screen.
import { fireEvent, screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { addLatent } from '../../src/core/steering';
import { DEMO_SAE } from '../helpers/engineDouble';
import { openPage } from './page';

const LINK = '#v=1&view=steer&sae=demo&steer=3:add:1.5max&prompt=Once&seed=7';

function token(tokenId: number, strength = 0) {
  return {
    tokenId,
    text: ` t${tokenId}`,
    isSpecial: false,
    logProb: -1,
    isForced: false,
    ...{ values: [strength], choice: null, steered: null },
  };
}

it('starts two lanes with what a link says', async () => {
  const { user, api } = await openPage(LINK);
  await user.click(screen.getByRole('button', { name: 'Generate' }));
  expect(api.generate.mock.lastCall?.[1]).toEqual({
    prompt: 'Once',
    maxTokens: 64,
    temperature: 0.6,
    topK: 50,
    seed: 7,
    steer: addLatent({ saeId: DEMO_SAE.saeId, latentIndex: 3, value: 1.5 }),
  });
});

it('sends the slider to the engine while text streams, and says its value in words', async () => {
  const { user, api } = await openPage(LINK, { generate: () => new Promise(() => undefined) });
  const slider = screen.getByRole('slider', { name: 'Strength' });
  expect(slider.getAttribute('aria-valuetext')).toBe('plus 1.5 times max activation');
  await user.click(screen.getByRole('button', { name: 'Generate' }));
  fireEvent.change(slider, { target: { value: '-0.75' } });
  expect(api.setSlotValue).toHaveBeenLastCalledWith('slot-1', -0.75);
  expect(slider.getAttribute('aria-valuetext')).toBe('minus 0.75 times max activation');
  expect(screen.getByText(/The prompt was read at \+1.5/)).toBeTruthy();
});

it('steps the strength with brackets and returns to neutral with 0 or its button', async () => {
  const { user } = await openPage(LINK);
  const slider = screen.getByRole<HTMLInputElement>('slider', { name: 'Strength' });
  await user.keyboard(']]');
  expect(slider.value).toBe('1.6');
  await user.keyboard('{{');
  expect(slider.value).toBe('1.1');
  await user.keyboard('0');
  expect(slider.getAttribute('aria-valuetext')).toBe('neutral');
  const box = screen.getByRole('spinbutton', { name: 'Strength, number' });
  await user.clear(box);
  await user.type(box, '9');
  expect(slider.value).toBe('3');
  await user.click(screen.getByRole('button', { name: 'Neutral' }));
  expect(slider.value).toBe('0');
});

it('shows both lanes, marks where they part, and draws the strength', async () => {
  const { user, hear } = await openPage(LINK, { generate: () => new Promise(() => undefined) });
  await user.click(screen.getByRole('button', { name: 'Generate' }));
  hear(
    { kind: 'token', generationId: 1, lane: 'baseline', token: token(1) },
    { kind: 'token', generationId: 1, lane: 'steered', token: token(1, 1.5) },
    { kind: 'token', generationId: 1, lane: 'baseline', token: token(2) },
  );
  expect(screen.getByText(/Both lanes agree so far/)).toBeTruthy();
  hear({ kind: 'token', generationId: 1, lane: 'steered', token: token(9, 1.5) });
  expect(screen.getByText(/The lanes part at token 2/)).toBeTruthy();
  const steered = within(screen.getByRole('group', { name: 'Steered lane' }));
  expect(steered.getByRole('listitem', { name: /“·t9”.*first difference/ })).toBeTruthy();
  expect(screen.getByRole('img', { name: /Strength over 2 tokens: constant 1.5/ })).toBeTruthy();
});

it('says why nothing can be steered without statistics', async () => {
  await openPage(LINK, {
    listSaes: () => Promise.resolve([{ ...DEMO_SAE, statisticsTokens: 0 }]),
  });
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Generate' }).disabled).toBe(true);
  expect(screen.getByText(/compute them on Explore/)).toBeTruthy();
});

it('comes from a latent on Explore with s', async () => {
  const { user } = await openPage('#v=1&view=explore&sae=demo&feature=6');
  await screen.findByRole('heading', { name: 'Feature 6' });
  await user.keyboard('s');
  expect(screen.getByRole<HTMLInputElement>('spinbutton', { name: 'Feature' }).value).toBe('6');
});

// A visitor turns the open feature up beside its dashboard, without leaving for Steer.
import { screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { openPage } from '../page';

const FEATURE = '#v=1&view=explore&sae=demo&feature=3&prompt=One+day';
it('writes both texts in place, from the visitor’s own text where there is one', async () => {
  const { user, api, hear, pass } = await openPage(FEATURE);
  await user.click(await screen.findByRole('button', { name: 'Write without and with it' }));
  // By keyboard one goes on where the button was.
  expect(document.activeElement).toBe(
    screen.getByRole('slider', { name: 'How far it is turned up' }),
  );
  const [generationId = 0, request] = api.steer.generate.mock.lastCall ?? [];
  expect(request).toMatchObject({
    prompt: 'Once upon a time',
    steer: { lanes: 'both', slots: [{ unit: 'max', target: { latentIndex: 3 } }] },
  });
  const token = { isSpecial: false, logProb: -1, isForced: false, values: [] };
  const rest = { choice: null, steered: null };
  hear(
    {
      kind: 'token',
      generationId,
      lane: 'baseline',
      token: { ...token, ...rest, text: ' ran', tokenId: 1 },
    },
    {
      kind: 'token',
      generationId,
      lane: 'steered',
      token: { ...token, ...rest, text: ' sad', tokenId: 2 },
    },
  );
  expect(screen.getByRole('group', { name: 'Without' }).textContent).toContain(' ran');
  expect(within(screen.getByRole('group', { name: 'With' })).getByText('sad').tagName).toBe('EM');
  expect(screen.getByRole('heading', { name: 'Explore' })).toBeShown();

  // Another feature is not turned up.
  await user.keyboard('j');
  expect(screen.queryByRole('group', { name: 'With' })).toBeNull();
  await user.type(await screen.findByLabelText('Test text'), 'Tim saw');
  await pass(200);
  await user.click(await screen.findByRole('button', { name: 'Write without and with it' }));
  expect(api.steer.generate.mock.lastCall?.[1].prompt).toBe('Tim saw');
});

// A visitor on the Model screen.
import { screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { MODEL, problem } from '../../helpers/engine/engineDouble';
import { LIBRARY, openPage } from '../page';

it('tells what the demo model is', async () => {
  await openPage(LIBRARY);
  expect(screen.getByRole('heading', { name: 'demo' })).toBeShown();
  expect(screen.getByText('since 2025-12-28')).toBeShown();
  expect(screen.getByText('7.34M')).toBeShown();
});

it('counts the bytes of a model that is on its way', async () => {
  const { hear } = await openPage(LIBRARY, { model: { open: () => new Promise(() => undefined) } });
  const progress = {
    kind: 'model' as const,
    phase: 'download',
    done: 6e6,
    total: 24e6,
    unit: 'bytes' as const,
  };
  hear({ kind: 'progress', jobId: 1, progress });
  expect(screen.getByText('6 MB of 24 MB')).toBeShown();
  expect(screen.getByRole('progressbar', { name: 'Model' }).getAttribute('aria-valuenow')).toBe(
    '25',
  );
  expect(screen.getByText('Waits for the model to load.')).toBeShown();
});

it('shows why a folder could not be opened, with the way out, and keeps the demo', async () => {
  const { user, api } = await openPage(LIBRARY);
  api.model.open.mockResolvedValueOnce({
    ok: false,
    problem: problem('model_000911.pt: the zip is cut short.', 'Copy the file again.'),
  });
  const own = screen.getByRole('group', { name: 'Your own nanochat' });
  const file = new File(['x'], 'model_000911.pt');
  await user.upload(within(own).getByLabelText('Choose files'), [file]);
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toBe('model_000911.pt: the zip is cut short.Copy the file again.');
  expect(api.model.open.mock.lastCall?.slice(0, 1)).toEqual([
    { kind: 'files', files: [{ path: 'model_000911.pt', blob: file }] },
  ]);
  expect(screen.getByRole('heading', { name: 'demo' })).toBeShown();
});

it('shows tokens as one types, with their ids', async () => {
  const { user, pass } = await openPage(LIBRARY);
  const text = screen.getByRole('textbox', { name: 'Text' });
  await user.clear(text);
  await user.type(text, 'a bc');
  await pass(50);
  const tokens = within(screen.getByRole('list', { name: 'Tokens' })).getAllByRole('listitem');
  expect(tokens.map((token) => token.getAttribute('aria-label'))).toEqual([
    '“a”, id 100',
    '“·bc”, id 101',
  ]);
});

it('walks tokens with the arrow keys, one tab stop for all', async () => {
  const { user } = await openPage(LIBRARY);
  const list = within(screen.getByRole('list', { name: 'Tokens' }));
  const [first, second] = list.getAllByRole('listitem');
  first?.focus();
  await user.keyboard('{ArrowRight}');
  expect(document.activeElement).toBe(second);
  expect(list.getAllByRole('listitem').filter((token) => token.tabIndex === 0)).toEqual([second]);
});

it('streams text, names each log-probability, and stops', async () => {
  const { user, api, hear } = await openPage(LIBRARY, {
    generate: { run: () => new Promise(() => undefined) },
  });
  await user.click(screen.getByRole('button', { name: 'Generate' }));
  const token = {
    tokenId: 5,
    text: ' cat',
    isSpecial: false,
    logProb: -0.5,
    isForced: false,
    values: [],
    choice: null,
    steered: null,
  };
  const generationId = api.generate.run.mock.lastCall?.[0] ?? 0;
  hear({ kind: 'token', generationId, lane: 'baseline', token });
  expect(screen.getByRole('listitem', { name: '“·cat”, log-probability −0.500' })).toBeShown();
  await user.click(screen.getByRole('button', { name: 'Stop' }));
  expect(api.cancel).toHaveBeenCalledExactlyOnceWith(generationId);
  hear({
    kind: 'generated',
    generationId,
    reason: 'stop',
    divergence: null,
    automation: null,
  });
  expect(screen.getByText(/1 token, stopped/)).toBeShown();
});

it('lets one say which soft cap an r3 was trained with (7.21)', async () => {
  const r3 = { ...MODEL, revision: 'r3' as const, possibleSoftcaps: [15, 20] };
  const { user, api, hear } = await openPage(LIBRARY);
  expect(screen.queryByText(/2 to 9 March 2026/)).toBeNull();
  hear({ kind: 'model', model: r3 });
  const choice = screen.getByLabelText('Soft cap of the logits');
  expect(screen.getByText(/20 from 2 to 9 March 2026/)).toBeShown();
  await user.click(within(choice).getByText('20'));
  expect(api.model.setSoftcap.mock.lastCall).toEqual([20]);
});

// A visitor tries a feature out: types a text, sends an example to it, switches the feature off.
import { act, screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { MODEL, problem } from '../../helpers/engine/engineDouble';
import { openPage } from '../page';

const FEATURE = '#v=1&view=explore&sae=demo&feature=3';

it('reads the typed text once typing pauses, and shows its maximum against the corpus', async () => {
  const { user, api, pass } = await openPage(FEATURE);
  await user.type(await screen.findByLabelText('Test text'), 'a dog');
  expect(api.explore.readText).not.toHaveBeenCalled();
  await pass(149);
  expect(api.explore.readText).not.toHaveBeenCalled();
  await pass(1);
  expect(api.explore.readText).toHaveBeenCalledOnce();
  expect(api.explore.readText).toHaveBeenCalledWith({
    saeId: 'demo-l1~b81e440a9c15',
    latentIndex: 3,
    text: 'a dog',
  });
  const tokens = await screen.findByRole('list', { name: 'Test tokens' });
  expect(within(tokens).getByRole('listitem', { name: '“·dog”, activation 5' })).toBeShown();
  expect(screen.getByText(/^Largest activation 5 at “·dog”: 13.5 % of its maximum/)).toBeShown();
});

it('asks again for another feature, and never shows an answer of the one before', async () => {
  const { user, api, pass, world } = await openPage(`${FEATURE}&text=a+dog`);
  expect(await screen.findByLabelText('Test text')).toHaveProperty('value', 'a dog');
  await pass(150);
  await screen.findByRole('list', { name: 'Test tokens' });
  await user.keyboard('j');
  expect(screen.queryByRole('list', { name: 'Test tokens' })).toBeNull();
  await pass(150);
  await screen.findByRole('listitem', { name: '“·dog”, activation 6' });
  expect(api.explore.readText).toHaveBeenCalledTimes(2);
  await pass(300);
  expect(world.hash).toContain('&text=a+dog');
});

it('drops an answer that was outrun', async () => {
  let answerFirst: (() => void) | undefined;
  const { user, api, pass } = await openPage(FEATURE);
  const answer = api.explore.readText.getMockImplementation();
  api.explore.readText.mockImplementationOnce(
    (o) =>
      new Promise((resolve) => {
        answerFirst = () => void answer?.(o).then(resolve);
      }),
  );
  const box = await screen.findByLabelText('Test text');
  await user.type(box, 'one');
  await pass(150);
  await user.type(box, ' two');
  await pass(150);
  await screen.findByRole('listitem', { name: '“·two”, activation 5' });
  await act(async () => {
    answerFirst?.();
    await Promise.resolve();
  });
  expect(screen.getByRole('listitem', { name: '“·two”, activation 5' })).toBeShown();
});

it('sends an example to the box, without what cannot be typed', async () => {
  const { user } = await openPage(FEATURE);
  await user.click(await screen.findByRole('button', { name: 'Try this text of example 1' }));
  await waitFor(() =>
    expect(screen.getByLabelText('Test text')).toHaveProperty('value', ' once peak3'),
  );
});

it('switches the feature off in an example, everywhere or at one token', async () => {
  const { user, api } = await openPage(FEATURE);
  await user.click(await screen.findByRole('button', { name: 'Switch off in example 1' }));
  const panel = within(await screen.findByRole('region', { name: 'Without this feature' }));
  const asked = { saeId: 'demo-l1~b81e440a9c15', latentIndex: 3, tokenIds: [100, 101, 102] };
  expect(api.explore.ablate).toHaveBeenLastCalledWith({ ...asked, position: null });
  expect(
    await panel.findByText(/^Mean KL 0.25. nats over 2 tokens from “·word101” on/),
  ).toBeShown();
  expect(
    panel.getByRole('listitem', { name: '“·word100”, activation 0, before the first change' }),
  ).toBeShown();
  expect(
    panel.getByRole('listitem', {
      name: '“·word101”, activation 3, KL 0.250 nats, next token −0.500 log p',
    }),
  ).toBeShown();
  await user.selectOptions(panel.getByLabelText('Switched off'), '1');
  expect(api.explore.ablate).toHaveBeenLastCalledWith({ ...asked, position: 1 });
  await user.click(panel.getByText(/^Show data/));
  expect(panel.getAllByRole('row')).toHaveLength(4);
  await user.click(screen.getByRole('button', { name: 'Close in example 1' }));
  expect(screen.queryByRole('region', { name: 'Without this feature' })).toBeNull();
});

it('says what went wrong beside the example, and in the box', async () => {
  const broken = { ok: false as const, problem: problem('It broke.', 'Try again.') };
  const { user, pass } = await openPage(FEATURE, {
    explore: { ablate: () => Promise.resolve(broken), readText: () => Promise.resolve(broken) },
  });
  await user.click(await screen.findByRole('button', { name: 'Switch off in example 1' }));
  const panel = within(await screen.findByRole('region', { name: 'Without this feature' }));
  expect(await panel.findByText('It broke.')).toBeShown();
  await user.type(screen.getByLabelText('Test text'), 'a');
  await pass(150);
  expect(await screen.findAllByText('It broke.')).toHaveLength(2);
});

it('tells what the model made of the next token of an example once one is pointed at', async () => {
  const { user, api } = await openPage(FEATURE);
  const example = within(await screen.findByRole('list', { name: 'Example 1' }));
  expect(api.explore.nextLogProbs).not.toHaveBeenCalled();
  const [first, , last] = example.getAllByRole('listitem');
  await user.hover(first!);
  await user.hover(last!);
  expect(api.explore.nextLogProbs).toHaveBeenCalledExactlyOnceWith([100, 101, 102]);
  await waitFor(() =>
    expect(first!.getAttribute('aria-label')).toMatch(/next token: log p −0.500 \(60.7 %\)$/),
  );
  // Nothing follows the last one.
  expect(last!.getAttribute('aria-label')).not.toMatch(/next token/);
});

it('says why the next tokens could not be read', async () => {
  const { user, api } = await openPage(FEATURE);
  api.explore.nextLogProbs.mockResolvedValueOnce({
    ok: false,
    problem: problem('The device was lost.', 'Reload.'),
  });
  const example = within(await screen.findByRole('list', { name: 'Example 1' }));
  const [first] = example.getAllByRole('listitem');
  await user.hover(first!);
  await waitFor(() =>
    expect(first!.getAttribute('aria-label')).toMatch(/next token: The device was lost.$/),
  );
});

it('asks anew for the next tokens once the model has other weights', async () => {
  const { user, api, hear } = await openPage(FEATURE);
  const example = within(await screen.findByRole('list', { name: 'Example 1' }));
  const [first, second] = example.getAllByRole('listitem');
  await user.hover(first!);
  await waitFor(() => expect(first!.getAttribute('aria-label')).toMatch(/next token/));
  hear({ kind: 'model', model: { ...MODEL, precision: 'int8' } });
  expect(first!.getAttribute('aria-label')).not.toMatch(/next token/);
  await user.hover(second!);
  await waitFor(() => expect(second!.getAttribute('aria-label')).toMatch(/next token/));
  expect(api.explore.nextLogProbs).toHaveBeenCalledTimes(2);
});

it('asks again where an answer was cancelled', async () => {
  const { user, api } = await openPage(FEATURE);
  const cancelled = { ...problem('A newer question was asked.', ''), kind: 'cancelled' as const };
  api.explore.nextLogProbs.mockResolvedValueOnce({ ok: false, problem: cancelled });
  const example = within(await screen.findByRole('list', { name: 'Example 1' }));
  const [first, second] = example.getAllByRole('listitem');
  await user.hover(first!);
  await user.hover(second!);
  await waitFor(() => expect(second!.getAttribute('aria-label')).toMatch(/next token: log p/));
  expect(first!.getAttribute('aria-label')).not.toMatch(/newer question/);
});

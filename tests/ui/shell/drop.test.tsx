// A checkpoint, an SAE or a text dropped anywhere on any screen.
import { act, fireEvent, screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { settled } from '../../helpers/engine/testEnvironment';
import { openPage } from '../page';

const HINT = 'Drop it here';

/** jsdom has no entries of folders: each file stands for itself. */
function transferOf(...names: string[]) {
  const files = names.map((name) => new File(['x'], name));
  const items = files.map(() => ({ webkitGetAsEntry: () => null }));
  return { dataTransfer: { types: ['Files'], files, items } };
}

async function drop(...names: string[]) {
  fireEvent.dragEnter(document.body, transferOf(...names));
  expect(screen.getByText(HINT)).toBeShown();
  await act(async () => {
    fireEvent.drop(document.body, transferOf(...names));
    await settled();
  });
  expect(screen.queryByText(HINT)).toBeNull();
}

it.each(['start', 'explore', 'steer', 'train', 'evaluate', 'library'])(
  'opens a model dropped on %s',
  async (view) => {
    const { api } = await openPage(`#v=1&view=${view}`);
    api.model.open.mockClear();
    await drop('model_000911.pt', 'meta_000911.json', 'tokenizer.pkl');
    expect(api.model.open.mock.lastCall?.[0]).toMatchObject({ kind: 'files' });
    expect(api.sae.import).not.toHaveBeenCalled();
  },
);

it('imports an SAE, whose weights are safetensors as a model’s may be', async () => {
  const { api } = await openPage();
  await drop('sae_weights.safetensors', 'cfg.json');
  expect(api.sae.import).toHaveBeenCalledOnce();
  expect(screen.getByRole('heading', { name: 'Explore', level: 1 })).toBeShown();
  await drop('model.safetensors', 'config.json', 'tokenizer.json');
  expect(api.sae.import).toHaveBeenCalledOnce();
});

it('opens rows of another tool in the place of a model, by what lies in the file', async () => {
  const { api } = await openPage('#v=1&view=explore');
  await drop('acts.safetensors');
  expect(api.sae.import).toHaveBeenCalledOnce();
  api.model.holdsRows.mockResolvedValue(true);
  for (const names of [['acts.safetensors'], ['acts.zip'], ['acts.npy', 'rows.jsonl', 'a.png']]) {
    await drop(...names);
    const source = api.model.open.mock.lastCall?.[0];
    expect(source).toMatchObject({ kind: 'rows', files: names.map((path) => ({ path })) });
  }
  expect(api.sae.import).toHaveBeenCalledOnce();
  expect(api.text.open).not.toHaveBeenCalled();
});

it('asks which matrix of a file holds the rows, and opens none if told so', async () => {
  const { api, user } = await openPage('#v=1&view=explore');
  api.model.open.mockClear();
  api.model.holdsRows.mockResolvedValue(true);
  api.model.rowMatrices.mockResolvedValue([
    { tensor: 'blocks.1.hook_resid_post', rows: 240, width: 8 },
    { tensor: 'logits', rows: 240, width: 1 },
  ]);
  const ask = async () => {
    await drop('acts.safetensors');
    return screen.findByRole('dialog', { name: 'The file has 2 matrices' });
  };
  const list = within(await ask()).getByRole('list', { name: 'Matrices of this file' });
  expect(
    within(list)
      .getAllByRole('listitem')
      .map((item) => item.textContent),
  ).toEqual(['blocks.1.hook_resid_post240 rows of 8 numbers', 'logits240 rows of 1 number']);
  await user.click(screen.getByRole('button', { name: 'Close' }));
  expect(api.model.open).not.toHaveBeenCalled();
  await ask();
  await user.click(screen.getByRole('button', { name: 'blocks.1.hook_resid_post' }));
  expect(api.model.open.mock.lastCall?.[0]).toMatchObject({
    kind: 'rows',
    files: [{ path: 'acts.safetensors' }],
    tensor: 'blocks.1.hook_resid_post',
  });
  expect(screen.queryByRole('dialog')).toBeNull();
});

it('reads a text to train on', async () => {
  const { api } = await openPage();
  await drop('my.jsonl');
  expect(api.text.open.mock.lastCall?.[0]).toMatchObject({ kind: 'files', field: 'text' });
  expect(screen.getByRole('heading', { name: 'Train', level: 1 })).toBeShown();
});

it('says of anything else what it is not, and what can be dropped', async () => {
  const { api } = await openPage();
  await drop('photo.png', 'b.png');
  const alert = screen.getByRole('alert');
  expect(alert.textContent).toContain(
    'photo.png and 1 more: neither a model, nor an SAE, nor rows of activations, nor a text, nor a shared file.',
  );
  expect(alert.textContent).toContain('Drop a nanochat checkpoint folder');
  expect(api.model.open).toHaveBeenCalledOnce();
});

it('hides the hint when the drag leaves, and ignores dragged text', async () => {
  await openPage();
  fireEvent.dragEnter(document.body, { dataTransfer: { types: ['text/plain'] } });
  expect(screen.queryByText(HINT)).toBeNull();
  fireEvent.dragEnter(document.body, transferOf('a'));
  fireEvent.dragEnter(screen.getByRole('main'), transferOf('a'));
  fireEvent.dragLeave(document.body, transferOf('a'));
  expect(screen.getByText(HINT)).toBeShown();
  fireEvent.dragLeave(screen.getByRole('main'), transferOf('a'));
  expect(screen.queryByText(HINT)).toBeNull();
});

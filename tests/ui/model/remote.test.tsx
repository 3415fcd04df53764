// A visitor brings models: several in one drop, or from an address.
import { screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import type { DownloadFacts, ModelChoice, RemoteFacts } from '../../../src/engine/model/api';
import { problem } from '../../helpers/engine/engineDouble';
import { LIBRARY, openPage } from '../page';

const choice = (over: Partial<ModelChoice>): ModelChoice => ({
  form: 'nanochat',
  folder: 'base_checkpoints/d12',
  tag: 'd12',
  stage: 'base',
  step: 900,
  byteLength: 500e6,
  valBpb: 0.9123,
  ...over,
});
const CHOICES = [choice({}), choice({ step: 450, valBpb: null })];
const FILES = [
  { path: 'd12/tokenizer.pkl', size: 700_000 },
  { path: 'd12/model_000900.pt', size: 500e6 },
];
const REMOTE: RemoteFacts = {
  url: 'https://host.example/d12/',
  host: 'host.example',
  models: [{ ...choice({}), files: FILES, totalBytes: 500.7e6, problem: null }],
};
const KEPT: DownloadFacts = {
  id: 'a',
  url: REMOTE.url,
  host: REMOTE.host,
  tag: 'd12',
  folder: 'base_checkpoints/d12',
  step: 900,
  doneBytes: 120e6,
  totalBytes: 500.7e6,
  isWhole: false,
};
const ok = <T,>(value: T) => Promise.resolve({ ok: true as const, value });

it('opens the latest of several models and another one without a second drop', async () => {
  const { user, api } = await openPage(LIBRARY, { model: { inspect: () => ok(CHOICES) } });
  const own = screen.getByRole('group', { name: 'Your own nanochat' });
  const file = new File(['x'], 'model_000900.pt');
  await user.upload(within(own).getByLabelText('Choose files'), [file]);
  const select = await screen.findByRole<HTMLSelectElement>('combobox', {
    name: 'Models in this drop: 2',
  });
  const files = [{ path: 'model_000900.pt', blob: file }];
  const folder = 'base_checkpoints/d12';
  expect(api.model.open.mock.lastCall?.[0]).toEqual({ kind: 'files', files, folder, step: 900 });
  expect([...select.options].map((option) => option.text)).toEqual([
    'd12 · base · step 900 · 0.912 bits per byte · 500 MB',
    'd12 · base · step 450 · 500 MB',
  ]);
  await user.selectOptions(select, 'd12 · base · step 450 · 500 MB');
  expect(api.model.open.mock.lastCall?.[0]).toEqual({ kind: 'files', files, folder, step: 450 });
});

it('lists an address with host and sizes, and downloads only on consent', async () => {
  const { user, api } = await openPage(LIBRARY, { model: { listRemote: () => ok(REMOTE) } });
  const opened = api.model.open.mock.calls.length;
  await user.type(screen.getByLabelText('Or from a web address'), 'https://host.example/d12/');
  await user.click(screen.getByRole('button', { name: 'List files' }));
  const list = within(await screen.findByRole('list', { name: 'Files to download' }));
  expect(list.getAllByRole('listitem').map((item) => item.textContent)).toEqual([
    'd12/tokenizer.pkl700 kB',
    'd12/model_000900.pt500 MB',
  ]);
  expect(screen.getByText(/from host\.example/)).toBeShown();
  expect(api.model.open.mock.calls).toHaveLength(opened);
  api.model.open.mockImplementationOnce(() => new Promise(() => undefined));
  await user.click(screen.getByRole('button', { name: 'Download 501 MB' }));
  const { url } = REMOTE;
  const folder = 'base_checkpoints/d12';
  const [source, jobId] = api.model.open.mock.lastCall ?? [];
  expect(source).toEqual({ kind: 'url', url, folder, step: 900 });
  await user.click(screen.getByRole('button', { name: 'Cancel' }));
  expect(api.cancel).toHaveBeenCalledExactlyOnceWith(jobId);
});

it('says why an address could not be listed, or a model there not be opened', async () => {
  const { user, api } = await openPage(LIBRARY, {
    model: {
      listRemote: () => Promise.resolve({ ok: false, problem: problem('404.', 'Check it.') }),
    },
  });
  await user.type(screen.getByLabelText('Or from a web address'), 'host{Enter}');
  expect((await screen.findByRole('alert')).textContent).toBe('404.Check it.');
  const lacking = { ...REMOTE.models[0]!, files: [], totalBytes: null, problem: 'No tokenizer.' };
  api.model.listRemote.mockImplementationOnce(() => ok({ ...REMOTE, models: [lacking] }));
  await user.click(screen.getByRole('button', { name: 'List files' }));
  expect((await screen.findByRole('alert')).textContent).toBe('No tokenizer.');
  expect(screen.queryByRole('button', { name: /^Download \d/ })).toBeNull();
});

it('goes on with a download of an earlier visit, or deletes it', async () => {
  const { user, api, hear } = await openPage(LIBRARY);
  hear({ kind: 'downloads', downloads: [KEPT] });
  expect(screen.getByText('host.example, 120 MB of 501 MB')).toBeShown();
  await user.click(screen.getByRole('button', { name: 'Delete download of d12, step 900' }));
  await user.click(screen.getByRole('button', { name: 'Delete' }));
  expect(api.model.deleteDownload).toHaveBeenCalledWith('a');
  await user.click(screen.getByRole('button', { name: 'Resume download of d12, step 900' }));
  const { url, folder, step } = KEPT;
  expect(api.model.open.mock.lastCall?.[0]).toEqual({ kind: 'url', url, folder, step });
});

// SAEs in the Library: renamed in place, looked through, taken out, deleted.
import { screen, waitFor, within } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import type { Outcome } from '../../../src/engine/shared/api';
import { DEMO_SAE, MODEL } from '../../helpers/engine/engineDouble';
import { LIBRARY, openPage } from '../page';

const MINE = { ...DEMO_SAE, saeId: 'mine~1', name: 'mine', origin: 'trained' as const };
const saes = { list: () => Promise.resolve([DEMO_SAE, MINE]) };
const list = () => within(screen.getByRole('region', { name: 'SAEs' }));

it('renames one with Enter, keeps the old name with Esc, and leaves the demo its own', async () => {
  const { user, api } = await openPage(LIBRARY, { sae: saes });
  expect(list().queryByRole('button', { name: 'Rename demo SAE' })).toBeNull();
  await user.click(list().getByRole('button', { name: 'Rename mine' }));
  await user.keyboard('other{Escape}');
  expect(api.sae.rename).not.toHaveBeenCalled();
  await user.click(list().getByRole('button', { name: 'Rename mine' }));
  await user.keyboard('colours{Enter}');
  expect(api.sae.rename.mock.calls).toEqual([['mine~1', 'colours']]);
  expect(list().queryByRole('textbox')).toBeNull();
});

it('leads to Explore, and deletes after a question', async () => {
  const { user, api } = await openPage(LIBRARY, { sae: saes });
  await user.click(list().getByRole('button', { name: 'Delete mine' }));
  await user.click(list().getByRole('button', { name: 'Delete' }));
  expect(api.sae.delete.mock.calls).toEqual([['mine~1']]);
  await user.click(list().getByRole('button', { name: 'Explore mine' }));
  expect(screen.getByRole('heading', { name: 'Explore', level: 1 })).toBeShown();
  expect(screen.getByRole('button', { name: 'SAE: mine 20 features' })).toBeShown();
});

const COUNTED = { ...MINE, statisticsTokens: 500 };
const menuOf = (name: string) => within(screen.getByRole('group', { name: `Export ${name}` }));

it('takes one out in the files of other tools, says what is missing, and what failed', async () => {
  const { user, api } = await openPage(LIBRARY, {
    sae: { list: () => Promise.resolve([DEMO_SAE, { ...MINE, statisticsTokens: 0 }]) },
    share: {
      exportSae: () =>
        Promise.resolve({
          ok: false,
          problem: { kind: 'config', what: 'No room for it.', wayOut: 'Try SAELens.', field: null },
        }),
    },
  });
  await user.click(list().getByRole('button', { name: /^Export mine:/ }));
  const missing = menuOf('mine').getAllByRole<HTMLButtonElement>('button', {
    name: /needs statistics/,
  });
  expect(missing.map(({ disabled }) => disabled)).toEqual([true, true, true]);
  await user.click(menuOf('mine').getByRole('button', { name: /^SAELens/ }));
  expect(api.share.exportSae.mock.calls).toEqual([
    [{ saeId: 'mine~1', format: 'saelens' }, expect.any(Number)],
  ]);
  expect(await list().findByText(/No room for it/)).toBeShown();
});

it('says how the bodies for Neuronpedia are sent, which a page cannot', async () => {
  vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:x');
  const { user, hear } = await openPage(LIBRARY, {
    sae: { list: () => Promise.resolve([COUNTED]) },
  });
  hear({ kind: 'model', model: MODEL });
  await user.click(list().getByRole('button', { name: /^Export mine:/ }));
  await user.click(menuOf('mine').getByRole('button', { name: /^Neuronpedia, to upload/ }));
  expect(await screen.findByText(/run “nanoscope upload mine-upload --dry-run”/)).toBeShown();
});

it('shows how far an export is, and cancels it', async () => {
  let end: (outcome: Outcome<Blob>) => void = () => undefined;
  const { user, api, hear } = await openPage(LIBRARY, {
    sae: { list: () => Promise.resolve([COUNTED]) },
    share: { exportSae: () => new Promise((resolve) => (end = resolve)) },
  });
  await user.click(list().getByRole('button', { name: /^Export mine:/ }));
  await user.click(menuOf('mine').getByRole('button', { name: /^Neuronpedia’s own layout/ }));
  const [, jobId = 0] = api.share.exportSae.mock.calls[0]!;
  const told = {
    kind: 'export',
    phase: 'Writing dashboards',
    total: 20,
    unit: 'features',
  } as const;
  hear({ kind: 'progress', jobId, progress: { ...told, done: 5 } });
  expect(await list().findByRole('progressbar', { name: /Exporting mine/ })).toBeShown();
  await user.click(list().getByRole('button', { name: 'Cancel' }));
  expect(api.cancel.mock.calls).toEqual([[jobId]]);
  const problem = { kind: 'cancelled', what: 'x', wayOut: '', field: null } as const;
  end({ ok: false, problem });
  hear({ kind: 'progress', jobId, progress: null });
  await waitFor(() => {
    expect(list().queryByRole('progressbar')).toBeNull();
  });
  expect(list().queryByRole('alert')).toBeNull();
});

it('offers to measure whether an imported one fits the open model', async () => {
  const imported = { ...MINE, origin: 'imported' as const, modelId: 'gpt2' };
  const { user, api } = await openPage(LIBRARY, {
    sae: { list: () => Promise.resolve([DEMO_SAE, imported]) },
  });
  expect(list().getByText(/made for gpt2; the open model is/)).toBeShown();
  await user.click(list().getByRole('button', { name: 'Measure whether it fits this model' }));
  expect(api.evaluate.measureFit.mock.calls[0]?.[0]).toBe('mine~1');
});

const FOUND = ['a/layers.1', 'a/layers.2'].map((folder) => ({
  folder,
  byteLength: 2000,
  files: [{ path: `${folder}/cfg.json`, blob: new Blob([folder]) }],
}));
const broken = {
  kind: 'file',
  what: 'cfg.json: k is missing.',
  wayOut: 'Use another.',
  field: null,
} as const;

it('asks which of several dropped SAEs to open, and tells of those that cannot be read', async () => {
  const { user, api } = await openPage(LIBRARY, {
    sae: {
      ...saes,
      find: () => Promise.resolve({ ok: true, value: FOUND }),
      import: ([file]) =>
        Promise.resolve(
          file?.path.startsWith('a/layers.1') === true
            ? { ok: false, problem: broken }
            : { ok: true, value: MINE },
        ),
    },
  });
  const zone = within(screen.getByRole('group', { name: 'Import an SAE' }));
  const dropped = () => user.upload(zone.getByLabelText('Choose files'), new File([''], 'two.zip'));
  await dropped();
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('dialog', { name: '2 SAEs were dropped' })).toBeNull();
  expect(api.sae.import).not.toHaveBeenCalled();
  await dropped();
  const dialog = within(screen.getByRole('dialog', { name: '2 SAEs were dropped' }));
  await user.click(dialog.getByRole('checkbox', { name: 'a/layers.2' }));
  await user.click(dialog.getByRole('checkbox', { name: 'a/layers.1' }));
  expect(dialog.getByRole<HTMLButtonElement>('button', { name: 'Open 0 of them' }).disabled).toBe(
    true,
  );
  await user.click(dialog.getByRole('checkbox', { name: 'a/layers.1' }));
  await user.click(dialog.getByRole('checkbox', { name: 'a/layers.2' }));
  await user.click(dialog.getByRole('button', { name: 'Open all of them' }));
  expect(api.sae.import.mock.calls).toEqual(FOUND.map(({ files }) => [files]));
  expect(await screen.findByText(/a\/layers\.1: cfg\.json: k is missing/)).toBeShown();
  expect(screen.getByRole('button', { name: 'SAE: mine 20 features' })).toBeShown();
});

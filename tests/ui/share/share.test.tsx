// Sharing as a visitor meets it: what is given away is said first, what was received is text and nothing else, and the
// page says whether it comes out the same here.
import { fireEvent, screen, within } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import type { Outcome } from '../../../src/engine/shared/api';
import type { SaeFacts } from '../../../src/engine/sae/api';
import { DEMO_SAE, MODEL, problem } from '../../helpers/engine/engineDouble';
import { SHARED, SHARED_RUN } from '../../helpers/engine/sharedContent';
import { openPage } from '../page';

const LINK = '#v=1&view=explore&p=abc';
const OWN: SaeFacts = {
  ...DEMO_SAE,
  saeId: 'own-l1~0123456789ab',
  name: 'own-l1',
  origin: 'trained',
};
const ok = <T,>(value: T): Promise<Outcome<T>> => Promise.resolve({ ok: true, value });

it('paints what a link carries, and says what is missing to check it', async () => {
  const { user, api } = await openPage(LINK);
  const feature = await screen.findByRole('article', { name: 'Feature 3: my third' });
  expect(within(feature).getByRole('list', { name: 'Example 1' }).textContent).toContain('upon');
  expect(within(feature).getByRole('list', { name: /^Promotes/ }).textContent).toContain('+2.50');
  expect(screen.getByText('As shared')).toBeShown();
  expect(screen.getByText(/SAE 0123456789ab is not in this browser/)).toBeShown();
  expect(api.share.checkFeatures).not.toHaveBeenCalled();
  expect(within(feature).queryByRole('button', { name: /Try this text/ })).toBeNull();
  await user.keyboard('{Escape}');
  expect(screen.queryByText('As shared')).toBeNull();
});

it('computes it again once model and SAE are here, and says that it is the same', async () => {
  const { api, hear } = await openPage(LINK);
  hear({ kind: 'model', model: MODEL }, { kind: 'saes', saes: [DEMO_SAE, OWN] });
  expect(await screen.findByText('Reproduced ✓')).toBeShown();
  expect(api.share.checkFeatures).toHaveBeenCalledOnce();
});

it('says from where it differs, with both values', async () => {
  const first = { latentIndex: 3, example: 1, token: 2, text: ' upon', shared: 37, here: 30 };
  const { hear } = await openPage(LINK, {
    share: { checkFeatures: () => ok({ kind: 'differs', first, others: 1, compared: 9 }) },
  });
  hear({ kind: 'model', model: MODEL }, { kind: 'saes', saes: [OWN] });
  const verdict = await screen.findByText(/^Differs from token 2/);
  expect(verdict.textContent).toContain(
    '“ upon”, of example 1 of feature 3: 37 as shared, 30 here',
  );
  expect(verdict.textContent).toContain('2 of 9');
});

it('shows hostile words as the words they are', async () => {
  const label = '<img src=x onerror=alert(1)>';
  const [feature] = SHARED.features;
  const token = '<img src=x onerror=alert(3)>\u202e';
  const hostile = {
    ...SHARED,
    features: [
      {
        ...feature!,
        label,
        note: '<script>alert(2)</script>',
        examples: feature!.examples.map((example) => ({
          ...example,
          tokens: example.tokens.map((one) => ({ ...one, text: token })),
        })),
        topLogits: [{ tokenId: 1, text: token, value: 1 }],
      },
    ],
  };
  const { container } = await openPage(LINK, { share: { readLink: () => ok(hostile) } });
  expect(screen.getByText('<script>alert(2)</script>')).toBeShown();
  expect(screen.getByRole('heading', { name: `${label} 3` })).toBeShown();
  expect(screen.getByRole('list', { name: 'Example 1' }).textContent).toContain(
    '<img src=x onerror=alert(3)>⟨U+202E⟩',
  );
  expect(container.querySelector('main img, main script')).toBeNull();
});

it('names a dropped file as what it is called, whatever that is', async () => {
  const { container } = await openPage();
  const name = '<img src=x onerror=alert(1)>\u202egz.nanoscope.gz';
  fireEvent.drop(document.body, {
    dataTransfer: { types: ['Files'], items: [], files: [new File(['x'], name)] },
  });
  expect(
    await screen.findByText(/from <img src=x onerror=alert\(1\)>⟨U\+202E⟩gz\.nanoscope\.gz/),
  ).toBeShown();
  expect(container.querySelector('main img')).toBeNull();
});

it('says what is wrong with a link, and goes on', async () => {
  const { user } = await openPage(LINK, {
    share: {
      readLink: () =>
        Promise.resolve({ ok: false, problem: problem('This link was cut off', 'Ask.') }),
    },
  });
  expect(screen.getByRole('alert').textContent).toContain('This link was cut off');
  await user.click(screen.getByRole('button', { name: 'Close' }));
  expect(screen.queryByText('This link was cut off')).toBeNull();
});

it('paints a pair of texts, and opens its settings on Steer', async () => {
  const { user } = await openPage('#v=1&view=steer&p=abc', {
    share: { readLink: () => ok(SHARED_RUN) },
  });
  expect(screen.getByRole('list', { name: 'Steered text' }).textContent).toContain('queen');
  await user.click(screen.getByRole('button', { name: 'Open in Steer' }));
  expect(screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Prompt' }).value).toBe('Once');
});

it('counts the text of one’s own that a link carries, and leaves it out where asked', async () => {
  const { api, user } = await openPage('#v=1&view=explore&sae=demo&feature=3');
  await user.click(await screen.findByRole('button', { name: 'Share' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Share' }));
  await user.click(await dialog.findByRole('radio', { name: 'The place and what is seen there' }));
  expect(await dialog.findByText('1 snippet of your text')).toBeShown();
  await user.click(dialog.getByRole('checkbox', { name: /Leave out the text/ }));
  const given = api.share.packLink.mock.calls.at(-1)?.[0];
  expect(given?.features[0]?.examples).toEqual([]);
  expect(given?.features[0]?.firesOn).toEqual([]);
});

it('shares the list of Explore: a link its first ten, a file all there is room for', async () => {
  vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:x');
  const { api, user } = await openPage('#v=1&view=explore&sae=demo&sort=density');
  await user.click(await screen.findByRole('button', { name: 'Share list' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Share' }));
  const listed = await dialog.findByText(/^20 features listed/);
  expect(listed.textContent).toContain(
    'a link carries the first 10 as far as there is room, a file all of them.',
  );
  await user.click(dialog.getByRole('button', { name: 'Save as a file' }));
  expect(await dialog.findByRole('button', { name: 'Save as a file' })).toBeShown();
  const [asked] = api.share.collect.mock.lastCall ?? [];
  expect(asked).toMatchObject({ into: 'file', saeId: DEMO_SAE.saeId });
  // The rarest first.
  expect(asked?.latentIndices.slice(0, 3)).toEqual([19, 0, 1]);
  expect(asked?.latentIndices).toHaveLength(20);
});

it('leaves Esc to the dialog: what lies behind it stays as it is', async () => {
  const { user } = await openPage('#v=1&view=explore&sae=demo&feature=3', {
    share: { collect: () => new Promise(() => undefined) },
  });
  await user.click(await screen.findByRole('button', { name: 'Share' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Share' }));
  expect(dialog.getByText('Collecting what is seen…')).toBeShown();
  // A prevented key would not reach the browser, which closes dialogs.
  const close = dialog.getByRole('button', { name: 'Close' });
  expect(fireEvent.keyDown(close, { key: 'Escape' })).toBe(true);
  expect(screen.queryAllByRole('button', { name: 'All features', hidden: true })).toHaveLength(1);
});

it('passes the link on by the device’s own way, where it has one', async () => {
  const share = vi.fn(() => Promise.reject(new DOMException('changed their mind', 'AbortError')));
  Object.defineProperty(navigator, 'share', { configurable: true, value: share });
  try {
    const { user } = await openPage('#v=1&view=explore&sae=demo&feature=3');
    await user.click(await screen.findByRole('button', { name: 'Share' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Share' }));
    await user.click(await dialog.findByRole('button', { name: 'Send…' }));
    const { value: url } = dialog.getByRole<HTMLInputElement>('textbox', { name: 'Link' });
    expect(share.mock.calls).toEqual([[{ title: 'nanoscope', url }]]);
  } finally {
    Reflect.deleteProperty(navigator, 'share');
  }
});

it('writes a published folder file by file, where the browser can', async () => {
  const written = new Map<string, Blob>();
  const folderAt = (path: string): object => ({
    getDirectoryHandle: (name: string) => Promise.resolve(folderAt(`${path}${name}/`)),
    getFileHandle: (name: string) =>
      Promise.resolve({
        createWritable: () =>
          Promise.resolve({
            write: (blob: Blob) => Promise.resolve(written.set(path + name, blob)),
            close: () => Promise.resolve(),
          }),
      }),
  });
  const pick = vi.fn(() => Promise.resolve(folderAt('')));
  Object.assign(window, { showDirectoryPicker: pick });
  try {
    const { user, api } = await openPage('#v=1&view=explore&sae=demo&feature=3', {
      share: {
        publish: () =>
          ok([
            { path: 'README.md', blob: new Blob(['words']) },
            { path: 'blocks.1.hook_resid_post/cfg.json', blob: new Blob(['{}']) },
          ]),
      },
    });
    await user.click(await screen.findByRole('button', { name: 'Share' }));
    await user.click(await screen.findByRole('button', { name: 'Publish the whole SAE…' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Publish a folder' }));
    await user.click(dialog.getByRole('button', { name: 'Write into a folder…' }));
    expect(await dialog.findByText(/^Saved\./)).toBeShown();
    expect(api.share.publish.mock.lastCall?.[0]).toMatchObject({ as: 'files', withText: true });
    expect([...written.keys()]).toEqual(['README.md', 'blocks.1.hook_resid_post/cfg.json']);
    // A picker that is closed again is no error, and nothing is said to be saved.
    pick.mockRejectedValueOnce(new DOMException('closed', 'AbortError'));
    await user.click(dialog.getByRole('checkbox', { name: /^Weights only/ }));
    await user.click(dialog.getByRole('button', { name: 'Write into a folder…' }));
    expect(dialog.queryByRole('alert')).toBeNull();
    expect(dialog.queryByText(/^Saved\./)).toBeNull();
    expect(written.size).toBe(2);
  } finally {
    Reflect.deleteProperty(window, 'showDirectoryPicker');
  }
});

it('asks nobody about a link’s source before somebody agrees', async () => {
  const { api, user } = await openPage('#src=https://published.example.org/', {
    share: {
      lookAtSource: () =>
        ok({
          kind: 'file',
          host: 'published.example.org',
          url: 'u',
          name: 'a.gz',
          byteLength: 900,
        }),
    },
  });
  expect(api.share.lookAtSource).not.toHaveBeenCalled();
  await user.click(await screen.findByRole('button', { name: 'Look what is there' }));
  expect(api.share.fetchFile).not.toHaveBeenCalled();
  await user.click(await screen.findByRole('button', { name: 'Fetch it, 900 B' }));
  expect(api.share.fetchFile).toHaveBeenCalledOnce();
  expect(await screen.findByText('As shared')).toBeShown();
});

it('fetches the SAEs of another tool that were chosen at a link’s source, and opens them as dropped ones', async () => {
  const found = [
    { folder: 'x/b', byteLength: 5, files: [{ path: 'x/b/cfg.json', blob: new Blob() }] },
  ];
  const { api, user } = await openPage('#src=https://saes.example.org/x/', {
    share: {
      lookAtSource: () =>
        ok({
          kind: 'foreign',
          host: 'saes.example.org',
          url: 'u',
          saes: [
            { folder: 'x/a', byteLength: 900 },
            { folder: 'x/b\u202e', byteLength: null },
          ],
        }),
      fetchForeign: () => ok(found),
    },
  });
  await user.click(await screen.findByRole('button', { name: 'Look what is there' }));
  const list = await screen.findByRole('list', { name: 'SAEs at saes.example.org' });
  expect(list.textContent).toContain('x/b⟨U+202E⟩of unknown size');
  await user.click(within(list).getByRole('checkbox', { name: 'x/a' }));
  expect(api.share.fetchForeign).not.toHaveBeenCalled();
  await user.click(screen.getByRole('button', { name: 'Fetch them from saes.example.org' }));
  expect(api.share.fetchForeign.mock.lastCall?.[0]).toEqual({ url: 'u', folders: ['x/b\u202e'] });
  expect(api.sae.import.mock.lastCall?.[0]).toEqual(found[0]!.files);
  expect(screen.queryByText('This link opens what somebody published')).toBeNull();
});

it('loads no model in somebody else’s page before a click', async () => {
  const { api, user } = await openPage(`${LINK}&embed=1&hide=plots,link`);
  expect(await screen.findByRole('article', { name: 'Feature 3: my third' })).toBeShown();
  expect(screen.queryByRole('navigation')).toBeNull();
  expect(screen.queryByText('Activations when firing, log counts')).toBeNull();
  expect(screen.queryByRole('link', { name: 'Open live' })).toBeNull();
  expect(api.model.open).not.toHaveBeenCalled();
  await user.click(screen.getByRole('button', { name: 'Compute it here' }));
  expect(api.model.open).toHaveBeenCalledOnce();
});

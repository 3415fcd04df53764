// What somebody shares, from their page to another one: links that carry what was seen, files, on devices that have
// neither model nor SAE; and that it comes out the same where they are.
import { readFile } from 'node:fs/promises';
import { expect, type Browser, type Page } from '@playwright/test';
import { ISOLATION } from '../../pagePolicy';
import { unzipFiles } from '../../src/formats/archives/archive';
import { startFileServer } from '../helpers/page/fileServer';
import { openPlainHost } from '../helpers/page/plainHost';
import { test } from '../helpers/page/watchedTest';
import { makeWorkbench } from '../helpers/page/workbench';

/** The link in the dialog once it carries what is seen. */
async function fullLink(page: Page): Promise<string> {
  const dialog = page.getByRole('dialog', { name: 'Share' });
  await dialog.getByRole('radio', { name: 'The place and what is seen there' }).click();
  const link = dialog.getByRole('textbox', { name: 'Link' });
  await expect(link).toHaveValue(/[#&]p=[\w-]+$/);
  return link.inputValue();
}

/** A page of somebody who has no GPU, and whom neither the demo's model nor its SAE reaches. */
async function barePage(browser: Browser): Promise<Page> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.addInitScript(() => Object.defineProperty(navigator, 'gpu', { value: undefined }));
  await page.route('**/demo/**', (route) => route.abort());
  return page;
}

test('a shared dashboard opens without model, SAE and GPU, and is reproduced where they are', async ({
  page,
  browser,
}) => {
  const bench = makeWorkbench(page);
  await bench.open('#v=1&view=explore&sae=demo&q=she');
  await page.getByRole('button', { name: /^Sort and filter/ }).click();
  await page.getByRole('button', { name: 'Share list' }).click();
  const listLink = await fullLink(page);
  const dialog = page.getByRole('dialog', { name: 'Share' });
  const room = await dialog
    .getByText(/^The link has room for \d+ features with at most 1 example each/)
    .innerText();
  await page.screenshot({ path: 'test-results/screenshots/share-list-dialog.png' });
  await page.keyboard.press('Escape');
  await bench.open('#v=1&view=explore&sae=demo&feature=12');
  await expect(bench.latentName()).toHaveText(/ 12$/);
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  const link = await fullLink(page);
  await dialog.getByRole('button', { name: 'QR code' }).click();
  await expect(dialog.getByRole('img', { name: 'QR code of the link' })).toBeVisible();
  await page.screenshot({ path: 'test-results/screenshots/share-dialog.png' });
  const saved = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Save as a file' }).click();
  const file = await (await saved).path();
  const examples = await bench.main
    .getByRole('list', { name: 'Example 1', exact: true })
    .innerText();

  await test.step('on a device that has nothing of it', async () => {
    const bare = await barePage(browser);
    await bare.goto(link);
    await expect(bare.getByText('As shared')).toBeVisible();
    await expect(bare.getByRole('article', { name: /^Feature 12: / })).toBeVisible();
    await expect(bare.getByRole('list', { name: 'Example 1', exact: true })).toHaveText(
      examples.replace(/\n/g, ''),
      { useInnerText: false },
    );
    await expect(
      bare.getByText(/^Cannot check: SAE [0-9a-f]{12} is not in this browser/),
    ).toBeVisible();
    for (const width of [390, 768, 1024, 1440]) {
      await bare.setViewportSize({ width, height: 900 });
      await bare.screenshot({ path: `test-results/screenshots/share-received-${width}.png` });
    }
    await bare.goto('about:blank');
    await bare.goto(listLink);
    const several = Number(/\d+/.exec(room)?.[0]);
    expect(several).toBeGreaterThan(3);
    await expect(bare.getByRole('article', { name: /^Feature \d+: / })).toHaveCount(several);
    await bare.screenshot({
      path: 'test-results/screenshots/share-received-list.png',
      fullPage: true,
    });
    await bare.context().close();
  });

  await test.step('where model and SAE are', async () => {
    await page.goto('about:blank');
    await page.goto(link);
    await expect(page.getByText(/^Reproduced ✓ \d+ activations/)).toBeVisible();
    // The link stays in the address, so that a reload shows it again.
    expect(page.url()).toBe(link);
    await page.getByRole('button', { name: 'Open in Explore' }).click();
    await expect(bench.latentName()).toHaveText(/ 12$/);
    await expect.poll(() => page.url()).not.toContain('p=');
  });

  await test.step('as a file that is dropped', async () => {
    const buffer = (await readFile(file)).toString('base64');
    const transfer = await page.evaluateHandle((text) => {
      const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], 'mine.nanoscope.gz'));
      return data;
    }, buffer);
    await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
    await expect(page.getByText(/from mine\.nanoscope\.gz/)).toBeVisible();
    await expect(page.getByText(/^Reproduced ✓/)).toBeVisible();
  });

  await test.step('a link that was cut', async () => {
    await page.goto('about:blank');
    await page.goto(link.slice(0, -40));
    await expect(page.getByText(/^This link is damaged or was cut off/)).toBeVisible();
  });
});

test('a shared pair of texts is written again token by token', async ({ page, browser }) => {
  const bench = makeWorkbench(page);
  await bench.open('#v=1&view=steer&sae=demo&steer=12:add:.3max&prompt=Once+upon+a+time&seed=7');
  await bench.waitForModel();
  await bench.generate({ prompt: 'Once upon a time', length: 8 });
  await expect(bench.tokens('Steered text')).toHaveCount(8);
  await expect(page.getByRole('button', { name: 'Rerun' })).toBeVisible();
  const steered = await bench.tokens('Steered text').allInnerTexts();
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  const link = await fullLink(page);

  const bare = await barePage(browser);
  await bare.goto(link);
  await expect(bare.getByText('As shared')).toBeVisible();
  await expect(makeWorkbench(bare).tokens('Steered text')).toHaveText(steered);
  await bare.screenshot({ path: 'test-results/screenshots/share-texts.png' });
  await bare.context().close();

  await page.goto('about:blank');
  await page.goto(link);
  await expect(page.getByText(/^Reproduced ✓ 16 tokens/)).toBeVisible();
  await page.getByRole('button', { name: 'Open in Steer' }).click();
  await expect(bench.main.getByLabel('Prompt', { exact: true })).toHaveValue('Once upon a time');
  await expect(bench.slider()).toBeVisible();
});

test('a published folder opens from another host, once somebody agreed, with its hashes checked', async ({
  page,
  browser,
}) => {
  const bench = makeWorkbench(page);
  await bench.open('#v=1&view=library');
  await page
    .getByRole('button', { name: /^Publish / })
    .first()
    .click();
  const dialog = page.getByRole('dialog', { name: 'Publish a folder' });
  await page.screenshot({ path: 'test-results/screenshots/share-publish.png' });
  const saved = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Save as a zip' }).click();
  const zip = await readFile(await (await saved).path());
  await expect(dialog.getByText(/#src=https:/)).toBeVisible();

  const entries = await unzipFiles(new Blob([zip]), 'published.zip');
  const files = new Map<string, Buffer>();
  for (const { path, blob } of entries) {
    files.set(`/saes/${path}`, Buffer.from(await blob.arrayBuffer()));
  }
  const server = await startFileServer(files);
  // Another visitor, to whom the demo's own SAE does not come; a public https host in front of the server.
  const other = await (await browser.newContext()).newPage();
  await other.route('**/demo/sae/**', (route) => route.abort());
  await other.context().route('https://published.example.org/**', async (route) => {
    const url = route.request().url().replace('https://published.example.org', server.url);
    await route.fulfill({ response: await route.fetch({ url }) });
  });
  await other.goto(new URL('/#src=https://published.example.org/saes/', page.url()).href);
  await expect(other.getByRole('button', { name: 'Look what is there' })).toBeVisible();
  expect(server.requests).toEqual([]);
  await other.getByRole('button', { name: 'Look what is there' }).click();
  await expect(other.getByRole('list', { name: 'SAEs at published.example.org' })).toContainText(
    '2,048 features',
  );
  expect(server.requests).toEqual(['GET /saes/nanoscope.json']);
  await other.screenshot({ path: 'test-results/screenshots/share-source.png' });

  await test.step('a file that was changed', async () => {
    const notes = [...files.keys()].find((path) => path.endsWith('notes.json')) ?? '';
    const whole = files.get(notes) ?? Buffer.alloc(0);
    files.set(notes, Buffer.from(whole.toString().replace('a', 'b')));
    await other.getByRole('button', { name: /^Fetch .* from published/ }).click();
    await expect(other.getByText(/notes\.json: its hash is not the one/)).toBeVisible();
    files.set(notes, whole);
  });

  await test.step('as it was published', async () => {
    await other.getByRole('button', { name: /^Fetch .* from published/ }).click();
    await expect(other.getByRole('heading', { name: 'Explore', level: 1 })).toBeAttached();
    await expect(other.getByRole('button', { name: /^SAE: demo/ })).toBeVisible();
    await expect(other.getByRole('article').first()).toBeVisible();
    await expect(
      other.getByText(/^With demo came, as shared: statistics of 148986 tokens, 12 notes/),
    ).toBeVisible();
    await expect(other.getByText(/^guess, 0\.\d+$/).first()).toBeVisible();
    await other.screenshot({ path: 'test-results/screenshots/share-source-opened.png' });
  });

  for (const address of ['http://example.org/', 'javascript:alert(1)', 'https://192.168.1.1/']) {
    await other.goto('about:blank');
    await other.goto(new URL(`/#src=${encodeURIComponent(address)}`, page.url()).href);
    await other.getByRole('button', { name: 'Look what is there' }).click();
    await expect(other.getByText(/fetched (by https only|from public hosts only)/)).toBeVisible();
  }
  await other.context().close();
  await server.close();
});

test('a frame in somebody else’s page paints what it carries, without a model before a click', async ({
  page,
  browser,
}) => {
  const host = await openPlainHost('dist', '/some/path/');
  await page.goto(`${host.url}#v=1&view=explore&sae=demo&feature=12`);
  await expect(makeWorkbench(page).latentName()).toHaveText(/ 12$/);
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  const link = await fullLink(page);
  const dialog = page.getByRole('dialog', { name: 'Share' });
  await dialog.getByRole('button', { name: 'Embed' }).click();
  const code = await dialog.getByLabel('Code of the frame').inputValue();
  expect(code).toContain(host.url);

  const listen = `<script>addEventListener('message', ({ data, origin }) => {
    if (data.kind !== 'nanoscope-height') return;
    document.querySelector('iframe').height = data.height;
    document.title = origin + ' ' + data.height;
  })</script>`;
  const around = await openPlainHost('dist', '/somebody/');
  around.replace('', () => `<!doctype html>${code}${listen}`);
  const other = await (await browser.newContext()).newPage();
  const frame = other.frameLocator('iframe');
  // The first page fetches its runtime when it comes to it; only what the frame asks for is counted.
  await page.goto('about:blank');
  host.asked.length = 0;
  await other.goto(around.url);
  await expect(frame.getByRole('article', { name: /^Feature 12: / })).toBeVisible();
  await expect(other).toHaveTitle(new RegExp(`^${new URL(host.url).origin} [0-9]{3,4}$`));
  expect(host.asked.filter((name) => /\.(pt|wasm)$/.test(name))).toEqual([]);
  await other.screenshot({ path: 'test-results/screenshots/share-embed.png', fullPage: true });
  const live = await frame.getByRole('link', { name: 'Open live' }).getAttribute('href');
  expect(live).toBe(link);
  await frame.getByRole('button', { name: 'Compute it here' }).click();
  await expect(frame.getByText(/^Reproduced ✓/)).toBeVisible();

  await test.step('on another site, where this browser lets a frame store nothing', async () => {
    await other.goto('about:blank');
    await other.goto(around.url.replace('127.0.0.1', 'localhost'));
    await expect(frame.getByRole('article', { name: /^Feature 12: / })).toBeVisible();
    await frame.getByRole('button', { name: 'Compute it here' }).click();
    await expect(frame.getByText(/^Reproduced ✓/)).toBeVisible();
  });

  await test.step('with run=1 at once in a page of its own site, in others only after a click', async () => {
    await other.goto('about:blank');
    const own = `${around.url}index.html${new URL(link).hash}&embed=1&run=1`;
    around.replace('', () => `<!doctype html><iframe src="${own}" width="540" height="900">`);
    await other.goto(around.url);
    await expect(frame.getByText(/^Reproduced ✓/)).toBeVisible();
    const foreign = `${link}&embed=1&run=1`;
    around.replace('', () => `<!doctype html><iframe src="${foreign}" width="540" height="900">`);
    await other.goto('about:blank');
    host.asked.length = 0;
    await other.goto(around.url);
    await expect(frame.getByRole('button', { name: 'Compute it here' })).toBeVisible();
    expect(host.asked.filter((name) => /\.(pt|wasm)$/.test(name))).toEqual([]);
  });

  await test.step('in a page that is isolated: as a credentialless frame, or where the host allows it', async () => {
    Object.assign(around.headers, ISOLATION);
    const paint = async (attributes: string) => {
      around.replace('', () => `<!doctype html><iframe ${attributes} src="${link}&embed=1">`);
      await other.goto('about:blank');
      await other.goto(around.url);
      expect(await other.evaluate(() => crossOriginIsolated)).toBe(true);
    };
    const refused = other.waitForEvent('requestfailed');
    await paint('');
    expect((await refused).failure()?.errorText).toContain('BLOCKED_BY_RESPONSE');
    await paint('credentialless');
    await expect(frame.getByRole('article', { name: /^Feature 12: / })).toBeVisible();
    Object.assign(host.headers, ISOLATION, { 'Cross-Origin-Resource-Policy': 'cross-origin' });
    await paint('');
    await expect(frame.getByRole('article', { name: /^Feature 12: / })).toBeVisible();
  });

  await test.step('without what the page around it leaves out', async () => {
    await other.goto('about:blank');
    await other.goto(`${link}&embed=1&hide=examples,plots,link`);
    await expect(other.getByText('Promotes')).toBeVisible();
    await expect(other.getByText('Where it fires')).toBeHidden();
    await expect(other.getByRole('link', { name: 'Open live' })).toBeHidden();
  });
  await other.context().close();
  await around.close();
  await host.close();
});

test.describe('on a static host, under a path', () => {
  test.use({ serviceWorkers: 'allow' });

  test('demo, service worker and a share link work', async ({ page }) => {
    const host = await openPlainHost('dist', '/some/path/');
    await page.goto(`${host.url}#v=1&view=explore&sae=demo&feature=12`);
    await expect(makeWorkbench(page).latentName()).toHaveText(/ 12$/);
    await page.getByRole('button', { name: 'Share', exact: true }).click();
    const link = await fullLink(page);
    expect(link.startsWith(`${host.url}#`)).toBe(true);
    const scope = () =>
      page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.scope);
    await expect.poll(scope).toBe(host.url);
    await page.goto('about:blank');
    await page.goto(link);
    await expect(page.getByText(/^Reproduced ✓/)).toBeVisible();
    expect(host.asked.every((name) => !name.startsWith('/'))).toBe(true);
    await host.close();
  });
});

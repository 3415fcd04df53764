// The page on a plain static host, under a path of its own: the second visit needs no network, is cross-origin isolated
// without headers from the host, and a new version waits to be asked for.
import { expect, type Page } from '@playwright/test';
import { openPlainHost } from '../helpers/page/plainHost';
import { test } from '../helpers/page/watchedTest';
import { makeWorkbench } from '../helpers/page/workbench';

test.use({ serviceWorkers: 'allow' });

/** Whether all that a visit without a network needs is kept. */
const isKept = (page: Page, names: readonly string[]) =>
  page.evaluate(async (wanted) => {
    const caches = globalThis.caches;
    const urls = (
      await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()))
    )
      .flat()
      .map(({ url }) => url);
    return wanted.every((name) => urls.some((url) => url.includes(name)));
  }, names);

test('a second visit works without a network, isolated, and a new version is offered (7.7)', async ({
  page,
}) => {
  const host = await openPlainHost('dist');
  const bench = makeWorkbench(page);
  await test.step('first visit', async () => {
    await page.goto(`${host.url}#v=1&view=library`);
    await expect(bench.main.getByText('7.34M')).toBeVisible();
    await bench.generate({ prompt: 'Once', length: 3 });
    await expect(bench.tokens('Generated text')).toHaveCount(3);
    await expect
      .poll(() => isKept(page, ['.wasm', 'demo/corpus.jsonl', 'demo/sae/sae_weights.safetensors']))
      .toBe(true);
  });

  await test.step('a new version waits until it is asked for', async () => {
    host.replace('serviceWorker.js', (text) => text.replace(/"version":"\w+"/, '"version":"next"'));
    await page.reload();
    await expect(page.getByText('A new version of nanoscope is ready.')).toBeVisible();
    const running = () => page.evaluate(() => caches.keys());
    expect(await running()).toContain('nanoscope-next');
    await page.screenshot({ path: 'test-results/screenshots/offline-new-version.png' });
    await page.getByRole('button', { name: 'Reload with it' }).click();
    await expect(bench.main.getByText('7.34M')).toBeVisible();
    await expect(page.getByText('A new version of nanoscope is ready.')).toBeHidden();
    await bench.generate({ prompt: 'Once', length: 3 });
    await expect(bench.tokens('Generated text')).toHaveCount(3);
    await expect
      .poll(() => isKept(page, ['.wasm', 'demo/corpus.jsonl', 'demo/sae/sae_weights.safetensors']))
      .toBe(true);
  });

  await host.close();
  await test.step('without a network', async () => {
    await page.goto('about:blank');
    await page.goto(`${host.url}#v=1&view=library`);
    await expect(bench.main.getByText('7.34M')).toBeVisible();
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    await bench.generate({ prompt: 'Once upon a time', length: 8 });
    await expect(bench.tokens('Generated text')).toHaveCount(8);
    await page.goto(`${host.url}#v=1&view=explore&sae=demo&feature=12`);
    await expect(bench.latentName()).toHaveText(/ 12$/);
    await expect(bench.main.getByRole('list', { name: 'Top examples' })).toBeVisible();
    await page.goto(`${host.url}docs/guide/troubleshooting.html`);
    await expect(page.getByRole('heading', { name: 'Troubleshooting' })).toBeVisible();
  });
});

// A model from an address: its files are listed with sizes, nothing comes before consent, a reload midway loses
// nothing, and the model opens and writes.
import { expect } from '@playwright/test';
import { DEMO_MODEL } from '../helpers/model/demoFiles';
import { startFileServer } from '../helpers/page/fileServer';
import { keepScreenshot } from '../helpers/page/look';
import { test } from '../helpers/page/watchedTest';
import { makeWorkbench } from '../helpers/page/workbench';

const LEAVES = DEMO_MODEL.names;
const SIZE = `${(DEMO_MODEL.byteLength / 1e6).toFixed(1)} MB`;

test('list, consent, download, reload midway, go on, open, generate', async ({ page }) => {
  const server = await startFileServer('public/demo');
  server.behaviour.holdAfter = 10_000_000;
  const bench = makeWorkbench(page);
  await bench.openModel();
  const own = page.getByRole('region', { name: 'Your own nanochat' });
  const downloaded = () =>
    server.requests.filter((request) => /^GET .*\.(pt|pkl|json)/.test(request));

  await own.getByLabel('Or from a web address').fill(`${server.url}/nanochat-d4/`);
  await own.getByRole('button', { name: 'List files' }).click();
  const files = own.getByRole('list', { name: 'Files to download' });
  for (const leaf of LEAVES) await expect(files.getByText(`nanochat-d4/${leaf}`)).toBeVisible();
  await expect(files.getByText(SIZE)).toBeVisible();
  expect(downloaded()).toEqual([]);
  for (const [width, height] of [
    [1440, 900],
    [1024, 800],
    [390, 844],
  ] as const) {
    await page.setViewportSize({ width, height });
    await keepScreenshot(page, `remote-${width}`);
  }
  await page.setViewportSize({ width: 1440, height: 900 });

  await own.getByRole('button', { name: /^Download/ }).click();
  await expect(own.getByText(/\b(9|10)(\.\d+)? MB of/)).toBeVisible();
  await keepScreenshot(page, 'remote-downloading');
  await page.reload();
  await bench.waitForModel();
  await page.emulateMedia({ colorScheme: 'dark' });
  await keepScreenshot(page, 'remote-kept-dark');
  server.behaviour.holdAfter = Infinity;
  await own.getByRole('button', { name: /^Resume download of nanochat-d4/ }).click();
  await expect(page.getByRole('heading', { name: 'nanochat-d4' })).toBeVisible();
  const resumed = server.requests.filter((request) => /\.pt bytes=\d{7,}-$/.test(request));
  expect(resumed).toHaveLength(1);
  await expect(bench.main.getByText('7.34M')).toBeVisible();
  await bench.generate({ prompt: 'Once upon a time', length: 5 });
  await expect(bench.tokens('Generated text')).toHaveCount(5);
  await server.close();
});

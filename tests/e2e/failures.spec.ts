// What breaks around the page: a part that does not arrive, an engine that does not start, a GPU that is lost. Each is
// said where it happened, with what to do, and the rest goes on.
import { expect, type Page } from '@playwright/test';
import { test } from '../helpers/page/watchedTest';
import { makeWorkbench } from '../helpers/page/workbench';

test('a part that does not load says so, loads by Retry, and the rest goes on (7.6)', async ({
  page,
}) => {
  const bench = makeWorkbench(page);
  await page.route('**/assets/MapPanel-*.js', (route) => route.abort());
  await bench.open('#v=1&view=explore&sae=demo');
  const { main } = bench;
  await expect(main.getByRole('article').first()).toBeVisible();
  await main.getByRole('radio', { name: 'Map' }).click();
  const alert = main.getByRole('alert');
  await expect(alert).toContainText('The map did not load.');
  await page.screenshot({ path: 'test-results/screenshots/failures-part.png' });
  await main.getByRole('radio', { name: 'Table' }).click();
  await expect(main.getByRole('grid')).toBeVisible();
  await main.getByRole('radio', { name: 'Map' }).click();
  await alert.getByRole('button', { name: 'Retry' }).click();
  await expect(alert).toContainText('The map did not load.');

  await page.unroute('**/assets/MapPanel-*.js');
  await alert.getByRole('button', { name: 'Retry' }).click();
  await expect(main.locator('canvas[role=img]')).toBeVisible();
  await expect(alert).toBeHidden();
});

test('an engine that does not load is said not to have started (7.6)', async ({ page }) => {
  await page.route('**/assets/worker-*.js', (route) => route.abort());
  const bench = makeWorkbench(page);
  await bench.open();
  await expect(bench.main.getByRole('alert')).toContainText(
    'The engine, which runs the model, did not start',
  );
  await expect(page.getByText('looking for a GPU')).toBeHidden();
  await page.screenshot({ path: 'test-results/screenshots/failures-engine.png' });
  await page.unroute('**/assets/worker-*.js');
  await bench.main.getByRole('button', { name: 'Reload the page' }).click();
  await bench.waitForModel();
});

test('a GPU lost in a text is said to be lost; after three losses text goes on without it (7.10)', async ({
  page,
}) => {
  await handDevicesToTest(page);
  const bench = makeWorkbench(page);
  const { main } = bench;
  await bench.openModel();
  const place = main.getByRole('radiogroup', { name: 'Model runs on' });
  await place.getByRole('radio', { name: 'WebGPU' }).click();
  await expect(page.getByText('model on WebGPU')).toBeAttached();
  const written = bench.tokens('Generated text');
  for (const loss of [1, 2, 3]) {
    // A prompt of its own each time, so that the text before cannot pass for this one.
    await bench.generate({ prompt: `Text ${loss}`, length: 200 });
    await expect(main.getByText(/tokens?\/s/)).toBeVisible();
    await expect.poll(() => written.count()).toBeGreaterThan(1);
    await loseDevice(page);
    await expect(main.getByText(/, the GPU device was lost\./)).toBeVisible();
    const told = (await main.getByRole('alert').allInnerTexts()).join('\n');
    expect(told).toContain('The GPU device was lost');
    expect(told).not.toMatch(/Resume|null function|bug|mistake|ONNX/);
  }
  await bench.generate({ prompt: 'Once upon a time', length: 20 });
  await expect(written).toHaveCount(20);
  await expect(page.getByText('model on wasm')).toBeAttached();
  await expect(main.getByText(/lost three times, so the model now runs/).first()).toBeVisible();
  await page.screenshot({ path: 'test-results/screenshots/failures-gpu.png' });
});

/** Lets the test destroy the engine's GPU devices, as a driver would. */
async function handDevicesToTest(page: Page): Promise<void> {
  await page.route('**/assets/worker-*.js', async (route) => {
    const response = await route.fetch();
    const keep =
      'const ask = GPUAdapter.prototype.requestDevice;' +
      'GPUAdapter.prototype.requestDevice = async function (...o) {' +
      '  return (globalThis.lastDevice = await ask.apply(this, o));' +
      '};';
    await route.fulfill({ response, body: `{${keep}}\n${await response.text()}` });
  });
}

async function loseDevice(page: Page): Promise<void> {
  const engine = page.workers().find((worker) => worker.url().includes('/assets/worker-'));
  if (engine === undefined) throw new Error('the engine runs in no worker');
  await engine.evaluate(() => {
    (globalThis as unknown as { lastDevice: GPUDevice }).lastDevice.destroy();
  });
}

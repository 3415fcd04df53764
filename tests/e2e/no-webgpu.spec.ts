// A browser without a usable WebGPU adapter: the page says so and what still works, works.
import { expect } from '@playwright/test';
import config from '../../playwright.config';
import { test } from '../helpers/page/watchedTest';
import { makeWorkbench } from '../helpers/page/workbench';

const launchOptions = config.use?.launchOptions ?? {};

test.use({
  launchOptions: {
    ...launchOptions,
    args: [
      ...(launchOptions.args ?? []).filter((arg) => !/webgpu/.test(arg)),
      '--disable-features=WebGPU',
      '--disable-gpu',
    ],
  },
});

test('says what is missing, and generates, trains, explores and steers', async ({ page }) => {
  const bench = makeWorkbench(page);
  await bench.openModel();
  await bench.generate({ prompt: 'Once upon a time', length: 12 });
  await expect(bench.tokens('Generated text')).toHaveCount(12);

  await bench.goTo('Train');
  await expect(bench.main.getByText(/No WebGPU:/).first()).toBeVisible();
  await expect(page.getByText(/SAEs on the processor/)).toBeAttached();
  await expect(bench.main.getByRole('button', { name: 'Play' })).toBeEnabled();

  await bench.goTo('Explore');
  await expect(bench.main.getByRole('list', { name: 'Features' })).toBeVisible();
  await bench.openLatent(12);
  await expect(bench.latentName()).toHaveText(/ 12$/);
  await bench.press('Turn up');
  await bench.slider().fill('1');
  await bench.generate({ prompt: 'Once upon a time', length: 12 });
  await expect(bench.tokens('Steered text')).toHaveCount(12);
  await page.screenshot({ path: 'test-results/screenshots/no-webgpu.png', fullPage: true });
});

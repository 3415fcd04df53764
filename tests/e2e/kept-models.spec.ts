// The second visit: an earlier import opens from this browser's own storage, without the network (how fast:
// `npm run bench -- explore`); the precision of the weights is chosen where its needs are shown.
import { expect } from '@playwright/test';
import { DEMO_MODEL } from '../helpers/model/demoFiles';
import { keepScreenshot } from '../helpers/page/look';
import { serveShortCorpus } from '../helpers/engine/shortCorpus';
import { test } from '../helpers/page/watchedTest';
import { makeWorkbench } from '../helpers/page/workbench';

test('after a reload the earlier import opens without a download, until it is deleted', async ({
  page,
}) => {
  const bench = makeWorkbench(page);
  await bench.openModel();
  const earlier = page.getByRole('region', { name: 'Earlier imports' });
  await expect(earlier.getByText(/MB/)).toBeVisible();

  // From now on the checkpoint is nowhere but in this browser.
  await page.route(`**/${DEMO_MODEL.model}`, (route) => route.abort());
  await page.reload();
  await expect(bench.main).toBeVisible();
  await bench.waitForModel();
  await bench.generate({ prompt: 'Once upon a time', length: 1 });
  await expect(bench.tokens('Generated text')).toHaveCount(1);
  await expect(earlier.getByRole('button', { name: 'Open demo' })).toBeDisabled();

  await earlier.getByRole('button', { name: 'Delete demo' }).click();
  await expect(earlier.getByText(/Delete the kept copy of demo, .* MB\?/)).toBeVisible();
  await earlier.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(earlier).toBeHidden();
  await page.reload();
  await expect(page.getByText(`${DEMO_MODEL.model} could not be fetched`)).toBeVisible();
});

test('the precision is chosen beside its needs; f16 is refused here, int8 says what it costs', async ({
  page,
}) => {
  await serveShortCorpus(page);
  const bench = makeWorkbench(page);
  await bench.openModel();
  const weights = page.getByRole('region', { name: 'Precision of the weights' });
  await expect(weights.getByText(/Runs in f32\. Automatic: \d+ MB of weights fit/)).toBeVisible();
  await expect(weights.getByRole('row', { name: /^int4/ })).toContainText('fits');

  await weights.getByRole('radio', { name: 'f16' }).click();
  await expect(
    weights.getByText(/f16 weights only help on WebGPU.*Choose int8, which takes \d+ MB/).first(),
  ).toBeVisible();
  await expect(weights.getByText(/Runs in f32/)).toBeVisible();

  await weights.getByRole('radio', { name: 'int8' }).click();
  await expect(weights.getByText(/Runs in int8\. Chosen by you/)).toBeVisible();
  await bench.generate({ prompt: 'Once upon a time', length: 5 });
  await expect(bench.tokens('Generated text')).toHaveCount(5);
  await bench.press('Measure what it costs');
  await expect(
    weights.getByText(
      /nats a token in int8 on [1-9][\d,]* held-out tokens of demo, .* in f32: [+−]/,
    ),
  ).toBeVisible();
  await weights.screenshot({ path: 'test-results/screenshots/precision.png' });
  for (const width of [390, 1024, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    await keepScreenshot(page, `precision-${width}`);
  }
});

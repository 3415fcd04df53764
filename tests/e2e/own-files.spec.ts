// A user's own checkpoint through the same door as the demo, and what happens when it is broken.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { test } from '../helpers/page/watchedTest';
import { DEMO_MODEL } from '../helpers/model/demoFiles';
import { makeWorkbench } from '../helpers/page/workbench';

const { folder: FOLDER, names: NAMES } = DEMO_MODEL;

const checkpointFiles = () =>
  Promise.all(
    NAMES.map(async (name) => ({
      name,
      mimeType: 'application/octet-stream',
      buffer: await readFile(join(FOLDER, name)),
    })),
  );

test('own files open; a truncated checkpoint is named and the open model stays', async ({
  page,
}) => {
  const bench = makeWorkbench(page);
  await bench.openModel();
  const own = page.getByRole('region', { name: 'Your own nanochat' });
  // The folder input comes first, the one for files second.
  const input = own.locator('input[type=file]:not([webkitdirectory])');

  const [model, ...others] = await checkpointFiles();
  const cut = { ...model!, buffer: model!.buffer.subarray(0, 1_000_000) };
  await input.setInputFiles([cut, ...others]);
  await expect(own.getByText(DEMO_MODEL.model).first()).toBeVisible();
  await expect(own.getByText(/Nothing was loaded; what you had is still open/)).toBeVisible();
  await bench.generate({ prompt: 'Once upon a time', length: 5 });
  await expect(bench.tokens('Generated text')).toHaveCount(5);
  await page.screenshot({ path: 'test-results/screenshots/own-files-refused.png', fullPage: true });

  await input.setInputFiles([model!, ...others]);
  await expect(own.getByText(/Nothing was loaded/)).toBeHidden();
  await expect(bench.main.getByText('demo', { exact: true }).first()).toBeHidden();
  await expect(bench.main.getByText('7.34M')).toBeVisible();
  // One more than before: the old text cannot pass for the new one.
  await bench.generate({ prompt: 'Once upon a time', length: 6 });
  await expect(bench.tokens('Generated text')).toHaveCount(6);
});

// Activations of another tool: dropped with what they stand for, trained on, and seen again as pictures.
import { expect } from '@playwright/test';
import { shapeRows } from '../helpers/shapeRows';
import { dropBlobs } from '../helpers/page/dropBlobs';
import { trainOnShapes } from '../helpers/page/trainOnShapes';
import { test } from '../helpers/page/watchedTest';
import { makeWorkbench } from '../helpers/page/workbench';

test('rows of a file train an SAE whose features show their pictures', async ({ page }) => {
  const bench = makeWorkbench(page);
  const source = page.getByRole('button', { name: 'Model: rows of rows.npy 240 rows' });
  await bench.open();
  const [matrix, , ...pictures] = shapeRows();
  const wrong = { path: 'rows.jsonl', blob: new Blob(['{"row":240,"kind":"image"}']) };
  await dropBlobs(page, [matrix!, wrong, ...pictures]);
  await expect(page.getByText('rows.jsonl: line 1: row 240; the file has 0 to 239')).toBeVisible();

  await dropBlobs(page, shapeRows());
  await expect(source).toBeVisible();
  // Start reads a text, which takes a language model: it says so, and leads on.
  await expect(bench.main.getByText(/without the language model they came from/)).toBeVisible();
  await bench.press('Train on the rows');
  await expect(bench.main.getByText('240 rows of 8 numbers from rows.npy')).toBeVisible();
  await trainOnShapes(bench, expect);

  await bench.goTo('Explore');
  await bench.main.getByRole('searchbox').fill('“blue triangle”');
  await page.keyboard.press('Enter');
  const card = bench.main.getByRole('article', { name: /^Feature/ }).first();
  await expect(card.getByRole('img', { name: /blue triangle/ }).first()).toBeVisible();
  await card.getByRole('button').first().click();
  const examples = bench.main.getByRole('list', { name: 'Top examples' }).getByRole('img');
  await expect(examples).toHaveCount(5);
  for (const picture of await examples.all()) {
    await expect(picture).toHaveAccessibleName(/blue triangle/);
    const width = () => picture.evaluate((img: HTMLImageElement) => img.naturalWidth);
    await expect.poll(width).toBe(64);
  }
  await expect(bench.main.getByText(/What it promotes, steering by it/)).toBeVisible();

  // The next visit has them again; a model takes their place.
  await page.reload();
  await expect(source).toBeVisible();
  await bench.goTo('Library');
  const earlier = page.getByRole('region', { name: 'Earlier imports' });
  await expect(earlier.getByText('rows of rows.npy')).toBeVisible();
  await earlier.getByRole('button', { name: 'Delete rows of rows.npy' }).click();
  await earlier.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(earlier.getByText('rows of rows.npy')).toBeHidden();
});

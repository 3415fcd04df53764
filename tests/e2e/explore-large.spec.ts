// The Explore screen with 16,384 features: a dashboard, a brush, the table and the map. How fast they are is measured by
// `npm run bench -- explore`.
import { expect } from '@playwright/test';
import { brushFirstChart, moveMap, openOtherRow, scrollTable } from '../helpers/page/exploreMoves';
import { serveLargeSae } from '../helpers/sae/largeSae';
import { test } from '../helpers/page/returningVisitor';
import { makeWorkbench } from '../helpers/page/workbench';

test('16,384 features: dashboard, table, brush and map work as with few', async ({ page }) => {
  expect(await serveLargeSae(page, 8)).toBe(16_384);
  await page.setViewportSize({ width: 1440, height: 1300 });
  const bench = makeWorkbench(page);
  // By index: copies of one feature do not stand side by side, and a click shows other examples.
  await bench.open('#v=1&view=explore&sae=demo&as=table&feature=12&sort=index');
  await expect(bench.main.getByRole('button', { name: 'all 16,384' })).toBeVisible();
  await expect(bench.main.getByRole('list', { name: 'Top examples' })).toBeVisible();
  await expect(bench.main.getByRole('img', { name: /density/i }).first()).toBeVisible();
  await openOtherRow(page);
  await scrollTable(page);
  await brushFirstChart(page);
  const narrowing = bench.main.getByRole('group', { name: 'What narrows the list' });
  await expect(narrowing).toContainText('of 16,384');
  await narrowing.getByRole('button', { name: 'Show all' }).click();
  await expect(narrowing).toBeHidden();

  await bench.main.getByText('Map', { exact: true }).click();
  await expect(bench.main.getByRole('img', { name: /^PCA map of 16,384/ })).toBeVisible();
  await moveMap(page);
});

// A researcher measures the demo SAE with a small share of the quick budget, reads its row and plot, takes the
// report along and finds all of it again after a reload.
import { readFileSync } from 'node:fs';
import { expect, test, type Page } from '@playwright/test';
import { makeWorkbench } from '../helpers/workbench';

/** The number under a column's title in the demo SAE's row. */
async function valueUnder(page: Page, title: string): Promise<number> {
  const table = page.getByRole('region', { name: /^Results/ });
  const titles = await table.getByRole('columnheader').allInnerTexts();
  const at = titles.findIndex((text) => text.trim() === title);
  const cell = table
    .getByRole('row', { name: /demo/ })
    .getByRole('cell')
    .nth(at - 1);
  return Number((await cell.innerText()).replace(/[ %,]/g, ''));
}

test('evaluates the demo SAE: row, plot, report, and the same after a reload', async ({ page }) => {
  const bench = makeWorkbench(page);
  await bench.open('#v=1&view=evaluate');
  await expect(page.getByText('Nothing measured yet.')).toBeVisible();
  await bench.evaluateABit();

  expect(await valueUnder(page, 'L0')).toBe(32);
  const explained = await valueUnder(page, 'EV');
  expect(explained).toBeGreaterThan(0.7);
  expect(explained).toBeLessThan(0.9);
  const [clean, spliced, zeroed] = [
    await valueUnder(page, 'CE clean'),
    await valueUnder(page, 'CE SAE'),
    await valueUnder(page, 'CE zero'),
  ];
  expect(clean).toBeLessThan(spliced);
  expect(spliced).toBeLessThan(zeroed);
  await expect(page.getByText('partial: ended early')).toBeVisible();

  const download = page.waitForEvent('download');
  await bench.press('JSON');
  const report = JSON.parse(readFileSync(await (await download).path(), 'utf8')) as {
    format: string;
    evaluations: { isComplete: boolean; metrics: { explainedVariance: number } }[];
  };
  expect(report.format).toBe('nanoscope-evaluation');
  expect(report.evaluations[0]).toMatchObject({ isComplete: false });
  expect(report.evaluations[0]?.metrics.explainedVariance).toBeCloseTo(explained, 2);

  await page.reload();
  await expect(page.getByText('partial: ended early')).toBeVisible();
  expect(await valueUnder(page, 'EV')).toBe(explained);
  // A press on the mark opens the SAE.
  await bench.main
    .getByRole('img', { name: /^Explained variance by L0/ })
    .locator('.chart-mark')
    .click();
  await expect(bench.main.getByRole('heading', { name: 'Explore' })).toBeVisible();
});

// A researcher measures the demo SAE on a small share of the text, reads its row, plot and details, takes the report
// along and finds all of it again after a reload.
import { readFileSync } from 'node:fs';
import { expect, type Page } from '@playwright/test';
import { gateEngine } from '../helpers/page/engineGate';
import { look } from '../helpers/page/look';
import { test } from '../helpers/page/watchedTest';
import { makeWorkbench } from '../helpers/page/workbench';

/** The number under a column's title in the demo SAE's row. */
async function valueUnder(page: Page, title: string): Promise<number> {
  const table = page.getByRole('region', { name: /^Results/ });
  const titles = await table.getByRole('columnheader').allInnerTexts();
  const at = titles.findIndex((text) => text.replace(/[↑↓]/, '').trim() === title);
  const cell = table
    .getByRole('row', { name: /demo/ })
    .getByRole('cell')
    .nth(at - 1);
  return Number((await cell.innerText()).replace(/[ %,]/g, ''));
}

test('evaluates the demo SAE: row, plot, report, and the same after a reload', async ({ page }) => {
  const bench = makeWorkbench(page);
  const { main } = bench;
  await bench.open('#v=1&view=evaluate');
  await expect(page.getByText('Nothing measured yet.')).toBeVisible();
  const begin = main.getByRole('button', { name: 'Evaluate this SAE' });
  await expect(begin).toBeEnabled();
  const gate = await gateEngine(page);
  await begin.click();
  const plot = main.getByRole('img', { name: /^Explained variance by L0/ });
  await gate.runUntil(() => plot.isVisible());
  await main.getByRole('button', { name: 'Cancel' }).click();
  await gate.open();
  await expect(page.getByText('partial: ended early')).toBeVisible();
  await expect(begin).toBeEnabled();

  expect(await valueUnder(page, 'L0')).toBe(32);
  const explained = await valueUnder(page, 'Explained variance');
  expect(explained).toBeGreaterThan(0.7);
  expect(explained).toBeLessThan(0.9);
  await main.getByRole('button', { name: 'All numbers' }).click();
  const [clean, spliced, zeroed] = [
    await valueUnder(page, 'CE clean'),
    await valueUnder(page, 'CE SAE'),
    await valueUnder(page, 'CE zero'),
  ];
  expect(clean).toBeLessThan(spliced);
  expect(spliced).toBeLessThan(zeroed);

  const download = page.waitForEvent('download');
  await bench.press('JSON');
  const report = JSON.parse(readFileSync(await (await download).path(), 'utf8')) as {
    format: string;
    evaluations: { isComplete: boolean; metrics: { explainedVariance: number } }[];
  };
  expect(report.format).toBe('nanoscope-evaluation');
  expect(report.evaluations[0]).toMatchObject({ isComplete: false });
  expect(report.evaluations[0]?.metrics.explainedVariance).toBeCloseTo(explained, 2);

  await main.getByRole('button', { name: 'All numbers' }).click();
  await expect(plot.getByText('demo SAE, after block 2', { exact: true })).toBeVisible();
  await test.step('fits and reads at every width, light and dark', async () => {
    await main.getByRole('button', { name: 'demo SAE', exact: true }).click();
    await expect(main.getByRole('region', { name: 'demo SAE in full' })).toBeVisible();
    await look(page, 'evaluate');
  });

  await page.reload();
  await expect(page.getByText('partial: ended early', { exact: true })).toBeVisible();
  // What was open is in the link.
  await expect(main.getByRole('region', { name: 'demo SAE in full' })).toBeVisible();
  expect(await valueUnder(page, 'Explained variance')).toBe(explained);
  // A press on the mark opens the SAE.
  await plot.locator('.chart-mark').click();
  await expect(main.getByRole('heading', { name: 'Explore' })).toBeVisible();
});

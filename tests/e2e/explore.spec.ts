// A visitor explores the demo SAE: opens features, narrows the table, walks it by keys, takes one home. How long a
// dashboard and a brush take and how the table scrolls is measured by `npm run bench -- explore`.
import { readFile } from 'node:fs/promises';
import { expect } from '@playwright/test';
import { brushFirstChart, openOtherRow, scrollTable } from '../helpers/exploreMoves';
import { axeFindings } from '../helpers/look';
import { test } from '../helpers/returningVisitor';
import { makeWorkbench } from '../helpers/workbench';

/** With all brushes open. */
const TALL = { width: 1440, height: 1300 };

test('a click on a row opens the dashboard of its feature', async ({ page }) => {
  const bench = makeWorkbench(page);
  await bench.open('#v=1&view=explore&sae=demo&feature=12');
  await expect(bench.main.getByRole('list', { name: 'Top examples' })).toBeVisible();
  await expect(bench.main.getByRole('row', { selected: true })).toBeVisible();
  const name = await bench.latentName().innerText();
  await openOtherRow(page);
  await expect(bench.latentName()).not.toHaveText(name);
});

test('a brush redraws the others, narrows the table, and is in the link', async ({ page }) => {
  await page.setViewportSize(TALL);
  const bench = makeWorkbench(page);
  await bench.open('#v=1&view=explore&sae=demo');
  const { main } = bench;
  await expect(main.getByRole('img', { name: /density/i }).first()).toBeVisible();
  await expect(main.getByText('2,048 shown')).toBeVisible();

  await brushFirstChart(page);
  await expect(main.getByText('2,048 shown')).toBeHidden();
  await expect(page).toHaveURL(/&density=[\d.e-]+\.\.[\d.e-]+/);
  const shown = await main.getByText(/^[\d,]+ shown$/).innerText();
  await page.reload();
  await expect(main.getByText(shown)).toBeVisible();
  expect(await axeFindings(page)).toEqual([]);
  await page.screenshot({ path: 'test-results/screenshots/table-brushed.png' });
  await main.getByRole('button', { name: 'Clear Density' }).click();
  await expect(main.getByText('2,048 shown')).toBeVisible();
});

test('the table scrolls and is walked by keys', async ({ page }) => {
  await page.setViewportSize(TALL);
  const bench = makeWorkbench(page);
  await bench.open('#v=1&view=explore&sae=demo');
  const grid = bench.main.getByRole('grid', { name: 'Features' });
  await expect(grid).toBeVisible();
  await expect(bench.main.getByRole('row').nth(3)).toBeVisible();
  await scrollTable(page);

  await grid.focus();
  await grid.press('Home');
  await grid.press('ArrowDown');
  await grid.press('Enter');
  await expect(bench.latentName()).toBeVisible();
  await grid.press('End');
  await expect(bench.main.getByRole('row').last()).toBeVisible();
});

// The label and the star stay in the returning visitor's browser: on a feature that no other spec opens.
test('keeps notes, and exports a feature that opens offline', async ({ page, context }) => {
  const bench = makeWorkbench(page);
  await bench.open('#v=1&view=explore&sae=demo&feature=40');
  const { main } = bench;
  await main.getByLabel('Your label').fill('<b>bold</b> claim');
  await main.getByLabel('Your label').press('Enter');
  await main.getByRole('button', { name: 'Star this feature' }).click();
  // A busy engine writes them later; what is not written yet does not outlive the page.
  await expect(main.getByText('Saving…')).toBeHidden();
  await page.reload();
  await expect(main.getByLabel('Your label')).toHaveValue('<b>bold</b> claim');
  await expect(
    main.getByRole('button', { name: 'Star this feature', pressed: true }),
  ).toBeVisible();
  const saved = async (choice: RegExp) => {
    await main.getByRole('button', { name: 'Export' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: choice }).click();
    return (await download).path();
  };
  const html = await readFile(await saved(/opens offline/), 'utf8');
  const offline = await context.newPage();
  const refused: string[] = [];
  offline.on('console', (message) => {
    if (message.type() === 'error') refused.push(message.text());
  });
  await offline.setContent(html);
  await expect(
    offline.getByRole('heading', { name: 'Feature 40: <b>bold</b> claim' }),
  ).toBeVisible();
  await offline.getByRole('button', { name: 'Context ±16' }).click();
  await expect(offline.getByRole('button', { name: 'Context ±5' })).toBeVisible();
  expect(refused).toEqual([]);
  await offline.screenshot({ path: 'test-results/screenshots/export-page.png', fullPage: true });
  const picture = await readFile(await saved(/Picture/));
  expect(picture.subarray(1, 4).toString()).toBe('PNG');
  // IHDR: width at byte 16.
  expect(picture.readUInt32BE(16)).toBe(2 * 880);
  const json = JSON.parse(await readFile(await saved(/SAEDashboard/), 'utf8')) as {
    features: { feature_index: number; nanoscope: { label: string } }[];
  };
  expect(json.features[0]).toMatchObject({
    feature_index: 40,
    nanoscope: { label: '<b>bold</b> claim', starred: true },
  });
});

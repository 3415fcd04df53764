// A visitor explores the demo SAE: opens features, narrows the table, reads the evidence, takes one home. Measures how
// long a dashboard and a brush take and how the table scrolls; axe looks on at three widths, light and dark.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { expect, test, type Page } from '@playwright/test';
import type { AxeResults } from 'axe-core';
import {
  SPEED,
  measureBrush,
  measureDashboard,
  measureScroll,
  speedLine,
} from '../helpers/exploreSpeed';
import { addFigures } from '../helpers/figures';
import { makeWorkbench } from '../helpers/workbench';

/** The size of the demo; a dashboard reads the rows of one feature, whatever there is beside it. */
const DEMO_FEATURES = 2048;
/** With all brushes open. */
const TALL = { width: 1440, height: 1300 };

test('opens a dashboard within 100 ms of a click', async ({ page }) => {
  const bench = makeWorkbench(page);
  await bench.open('#v=1&view=explore&sae=demo&feature=12');
  await expect(bench.main.getByRole('list', { name: 'Top examples' })).toBeVisible();
  await expect(bench.main.getByRole('row', { selected: true })).toBeVisible();
  const dashboard = await measureDashboard(page);
  addFigures({ dashboardMs: Math.round(dashboard.value), d_sae: DEMO_FEATURES });
  console.log(speedLine(`dashboardMs at ${DEMO_FEATURES}:`, dashboard, SPEED.dashboardMs.bar));
  expect(dashboard.value).toBeLessThan(SPEED.dashboardMs.bound);
});

test('a brush redraws the others, narrows the table, and is in the link', async ({ page }) => {
  await page.addInitScript({ path: createRequire(import.meta.url).resolve('axe-core') });
  await page.setViewportSize(TALL);
  const bench = makeWorkbench(page);
  await bench.open('#v=1&view=explore&sae=demo');
  const { main } = bench;
  await expect(main.getByRole('img', { name: /density/i }).first()).toBeVisible();
  await expect(main.getByText('2,048 shown')).toBeVisible();

  const brush = await measureBrush(page);
  addFigures({ brushMs: Math.round(brush.value) });
  console.log(speedLine('brushMs', brush, SPEED.brushMs.bar));
  expect(brush.value).toBeLessThan(SPEED.brushMs.bound);

  await expect(main.getByText('2,048 shown')).toBeHidden();
  await expect(page).toHaveURL(/&density=[\d.e-]+\.\.[\d.e-]+/);
  const shown = await main.getByText(/^[\d,]+ shown$/).innerText();
  await page.reload();
  await expect(main.getByText(shown)).toBeVisible();
  expect(await seriousFindings(page)).toEqual([]);
  await page.screenshot({ path: 'test-results/screenshots/table-brushed.png' });
  await main.getByRole('button', { name: 'Clear Density' }).click();
  await expect(main.getByText('2,048 shown')).toBeVisible();
});

test('the table scrolls smoothly and is walked by keys', async ({ page }) => {
  await page.setViewportSize(TALL);
  const bench = makeWorkbench(page);
  await bench.open('#v=1&view=explore&sae=demo');
  const grid = bench.main.getByRole('grid', { name: 'Features' });
  await expect(grid).toBeVisible();
  await expect(bench.main.getByRole('row').nth(3)).toBeVisible();
  const scroll = await measureScroll(page);
  addFigures({ tableFps: Math.round(scroll.value) });
  console.log(speedLine('tableFps', scroll, SPEED.fps.bar));
  expect(scroll.value).toBeGreaterThan(SPEED.fps.bound);
  expect(scroll.ownMs).toBeLessThan(SPEED.ownMs.bound);

  await grid.focus();
  await grid.press('Home');
  await grid.press('ArrowDown');
  await grid.press('Enter');
  await expect(bench.latentName()).toBeVisible();
  await grid.press('End');
  await expect(bench.main.getByRole('row').last()).toBeVisible();
});

test('shows every kind of evidence, and axe finds nothing serious', async ({ page }) => {
  await page.addInitScript({ path: createRequire(import.meta.url).resolve('axe-core') });
  const bench = makeWorkbench(page);
  await bench.open('#v=1&view=explore&sae=demo&feature=12');
  const { main } = bench;
  await expect(main.getByRole('list', { name: 'Decoder neighbours' })).toBeVisible();
  await expect(main.getByRole('list', { name: 'Fires together with' })).toBeVisible();
  await expect(main.getByText(/drawn at random/).first()).toBeVisible();
  const closed = main
    .locator('details:not([open]) > summary')
    .filter({ has: page.getByRole('heading', { level: 3 }) });
  while ((await closed.count()) > 0) await closed.first().click();
  await expect(main.getByRole('list', { name: 'Random examples', exact: true })).toBeVisible();
  let serious = 0;
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [390, 1024, 1440]) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 900 });
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow, `pixels off the side at ${width}`).toBeLessThanOrEqual(0);
      const findings = await seriousFindings(page);
      serious += findings.length;
      expect.soft(findings, `axe at ${width}, ${colorScheme}`).toEqual([]);
      await page.screenshot({
        path: `test-results/screenshots/dashboard-${width}-${colorScheme}.png`,
        fullPage: true,
      });
    }
  }
  addFigures({ axeSerious: serious });
});

test('keeps notes, and exports a feature that opens offline', async ({ page, context }) => {
  const bench = makeWorkbench(page);
  await bench.open('#v=1&view=explore&sae=demo&feature=12');
  const { main } = bench;
  await main.getByLabel('Your label').fill('<b>bold</b> claim');
  await main.getByLabel('Your label').press('Enter');
  await main.getByRole('button', { name: 'Star this feature' }).click();
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
    offline.getByRole('heading', { name: 'Feature 12: <b>bold</b> claim' }),
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
    feature_index: 12,
    nanoscope: { label: '<b>bold</b> claim', starred: true },
  });
});

async function seriousFindings(page: Page): Promise<string[]> {
  const results = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run: () => Promise<AxeResults> } }).axe.run(),
  );
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
}

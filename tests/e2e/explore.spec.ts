// A visitor explores the demo SAE: opens features, narrows the table, walks it by keys, takes one home. How long a
// dashboard and a brush take and how the table scrolls is measured by `npm run bench -- explore`.
import { readFile } from 'node:fs/promises';
import { expect } from '@playwright/test';
import { brushFirstChart, openOtherRow, scrollTable } from '../helpers/page/exploreMoves';
import { axeFindings } from '../helpers/page/look';
import { test } from '../helpers/page/returningVisitor';
import { makeWorkbench } from '../helpers/page/workbench';

/** How far down features may begin, px (page.md). */
const FIRST_ROW = 160;

for (const width of [390, 768, 1024, 1440, 1920]) {
  test(`features begin within ${FIRST_ROW} px of the top at ${width} px, and nothing is taller than the window`, async ({
    page,
  }) => {
    await page.setViewportSize({ width, height: 844 });
    const bench = makeWorkbench(page);
    for (const [as, first] of [
      ['cards', bench.main.getByRole('article').first()],
      ['table', bench.main.getByRole('row').nth(1)],
    ] as const) {
      await bench.open(`#v=1&view=explore&sae=demo&as=${as}`);
      await expect(first).toBeVisible();
      expect((await first.boundingBox())?.y, as).toBeLessThanOrEqual(FIRST_ROW);
      const taller = await page.evaluate(
        () => document.documentElement.scrollHeight - document.documentElement.clientHeight,
      );
      expect(taller, as).toBeLessThanOrEqual(0);
    }
  });
}

test('a click on a row opens the dashboard of its feature, and again after Esc', async ({
  page,
}) => {
  const bench = makeWorkbench(page);
  await bench.open('#v=1&view=explore&sae=demo&as=table&feature=12');
  await expect(bench.main.getByRole('list', { name: 'Top examples' })).toBeVisible();
  await expect(bench.main.getByRole('row', { selected: true })).toBeVisible();
  const name = await bench.latentName().innerText();
  await openOtherRow(page);
  await expect(bench.latentName()).not.toHaveText(name);
  const opened = bench.main.getByRole('row', { selected: true });
  const number = await opened.getByRole('gridcell').nth(1).innerText();
  // A menu lies on top, and goes first.
  await bench.main.getByRole('button', { name: 'How examples are shown: View' }).click();
  const menu = bench.main.getByRole('group', { name: 'How examples are shown' });
  await expect(menu).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(menu).toBeHidden();
  await expect(bench.latentName()).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(bench.latentName()).toBeHidden();
  await bench.main.getByRole('gridcell', { name: number, exact: true }).click();
  await expect(bench.latentName()).toHaveText(new RegExp(`feature ${number}$`));
});

test('on a narrow window Back returns to the same place in the list', async ({ page }) => {
  await page.setViewportSize({ width: 768, height: 844 });
  const bench = makeWorkbench(page);
  await bench.open('#v=1&view=explore&sae=demo');
  const cards = bench.main.getByRole('article');
  await expect(cards.first()).toBeVisible();
  const list = bench.main.getByRole('list', { name: 'Features' });
  const before = await list.boundingBox();
  await cards.first().hover();
  await page.mouse.wheel(0, 3000);
  await expect.poll(async () => (await list.boundingBox())?.y).toBeLessThan(before?.y ?? 0);
  const name = (await cards.nth(6).getAttribute('aria-label')) ?? '';
  const card = bench.main.getByRole('article', { name, exact: true });
  await card.scrollIntoViewIfNeeded();
  const place = await card.boundingBox();
  await card.getByRole('button').first().press('Enter');
  await expect(bench.latentName()).toBeVisible();
  // The list is gone: who came by keyboard goes on in what stands in its place.
  await expect(bench.latentName()).toBeFocused();
  await expect(page).toHaveURL(/view=feature/);
  await page.goBack();
  await expect(bench.latentName()).toBeHidden();
  expect(await card.boundingBox()).toEqual(place);
});

test('a brush redraws the others, narrows the table, and is in the link', async ({ page }) => {
  const bench = makeWorkbench(page);
  await bench.open('#v=1&view=explore&sae=demo&as=table');
  const { main } = bench;
  await expect(main.getByRole('img', { name: /^density of 2,048/ })).toBeVisible();
  const narrowing = main.getByRole('group', { name: 'What narrows the list' });
  await expect(narrowing).toBeHidden();

  await brushFirstChart(page);
  await expect(narrowing).toContainText('of 2,048');
  await expect(page).toHaveURL(/&density=[\d.e-]+\.\.[\d.e-]+/);
  const shown = await narrowing.getByRole('status').innerText();
  await page.reload();
  await expect(narrowing.getByRole('status')).toHaveText(shown);
  expect(await axeFindings(page)).toEqual([]);
  await page.screenshot({ path: 'test-results/screenshots/table-brushed.png' });
  await narrowing.getByRole('button', { name: 'Show all' }).click();
  await expect(narrowing).toBeHidden();
});

test('the table scrolls and is walked by keys', async ({ page }) => {
  const bench = makeWorkbench(page);
  await bench.open('#v=1&view=explore&sae=demo&as=table');
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
  await main.getByText(/^Name it/).click();
  await main.getByLabel('Your label').fill('<b>bold</b> claim');
  await main.getByLabel('Your label').press('Enter');
  await main.getByRole('button', { name: 'Star this feature' }).click();
  // A busy engine writes them later; what is not written yet does not outlive the page.
  await expect(main.getByText(/Saving…/)).toBeHidden();
  await page.reload();
  await expect(bench.latentName()).toHaveText('<b>bold</b> claim feature 40');
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
  await expect(offline.getByRole('heading', { name: '<b>bold</b> claim · 40' })).toBeVisible();
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

// The Explore screen with 16,384 features: a dashboard, a brush, the table and the map, as fast as with few.
import { expect, test } from '@playwright/test';
import {
  SPEED,
  measureBrush,
  measureDashboard,
  measureMap,
  measureScroll,
  speedLine,
} from '../helpers/exploreSpeed';
import { addFigures } from '../helpers/figures';
import { serveLargeSae } from '../helpers/largeSae';
import { makeWorkbench } from '../helpers/workbench';

test('16,384 features: dashboard, brush and table keep their speed', async ({ page }) => {
  expect(await serveLargeSae(page, 8)).toBe(16_384);
  await page.setViewportSize({ width: 1440, height: 1300 });
  const bench = makeWorkbench(page);
  // By index: copies of one feature do not stand side by side, and a click shows other examples.
  await bench.open('#v=1&view=explore&sae=demo&feature=12&sort=index');
  await expect(bench.main.getByText('16,384 shown')).toBeVisible();
  await expect(bench.main.getByRole('list', { name: 'Top examples' })).toBeVisible();
  await expect(bench.main.getByRole('img', { name: /density/i }).first()).toBeVisible();
  const dashboard = await measureDashboard(page);
  const scroll = await measureScroll(page);
  const brush = await measureBrush(page);
  addFigures({
    dashboardMs16k: Math.round(dashboard.value),
    tableFps16k: Math.round(scroll.value),
    tableOwnMs16k: Math.round(scroll.ownMs),
    brushMs16k: Math.round(brush.value),
    brushOwnMs16k: Math.round(brush.ownMs),
  });
  console.log(speedLine('dashboardMs16k', dashboard, SPEED.dashboardMs.bar));
  console.log(speedLine('tableFps16k', scroll, SPEED.fps.bar));
  console.log(speedLine('brushMs16k', brush, SPEED.brushMs.bar));
  expect(dashboard.value).toBeLessThan(SPEED.dashboardMs.bound);
  expect(brush.value).toBeLessThan(SPEED.brushMs.bound);
  expect(scroll.ownMs).toBeLessThan(SPEED.ownMs.bound);
  await expect(bench.main.getByText('16,384 shown')).toBeHidden();
});

test('16,384 features: the map is dragged and zoomed as smoothly as the table scrolls', async ({
  page,
}) => {
  expect(await serveLargeSae(page, 8)).toBe(16_384);
  await page.setViewportSize({ width: 1440, height: 1300 });
  const bench = makeWorkbench(page);
  await bench.open('#v=1&view=explore&sae=demo&sort=index');
  await bench.main.getByText('Map', { exact: true }).click();
  await expect(bench.main.getByRole('img', { name: /^PCA map of 16,384/ })).toBeVisible();
  await page.evaluate(() => new Promise(requestAnimationFrame));
  const map = await measureMap(page);
  addFigures({ mapFps16k: Math.round(map.value), mapOwnMs16k: Math.round(map.ownMs) });
  console.log(speedLine('mapFps16k', map, SPEED.fps.bar));
  // The map paints its pixels itself: its own time has the painting in it, and no bar of its own.
  expect(map.value).toBeGreaterThan(SPEED.fps.bound);
});

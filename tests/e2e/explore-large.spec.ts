// The Explore screen with 16,384 features: a dashboard, a brush and the table, as fast as with few.
import { expect, test } from '@playwright/test';
import { measureBrush, measureDashboard, measureScroll } from '../helpers/exploreSpeed';
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
  for (const [name, { value, ownMs }] of Object.entries({ dashboard, scroll, brush })) {
    console.log(
      `${name} at 16384 features: ${value.toFixed(0)}, ${ownMs.toFixed(1)} ms of the page's own a click, frame or move`,
    );
  }
  // Bars: 100 ms, 60 frames, 50 ms. A shared machine that paints with its processor gets slack; what is the
  // page's own does not hide behind it.
  expect(dashboard.value).toBeLessThan(400);
  expect(brush.value).toBeLessThan(200);
  expect(scroll.ownMs).toBeLessThan(16.7);
  await expect(bench.main.getByText('16,384 shown')).toBeHidden();
});

// The features by other ways than the table: a map of all of them, a text that wakes some.
import { expect } from '@playwright/test';
import { axeFindings } from '../helpers/page/look';
import { test } from '../helpers/page/returningVisitor';
import { makeWorkbench } from '../helpers/page/workbench';

const TALL = { width: 1440, height: 1300 };

test('the map places every feature; a text finds its own', async ({ page }) => {
  await page.setViewportSize(TALL);
  const bench = makeWorkbench(page);
  await bench.open('#v=1&view=explore&sae=demo');
  await bench.main.getByText('Map', { exact: true }).click();
  const canvas = bench.main.locator('canvas').first();
  await expect(canvas).toBeVisible();
  await expect
    .poll(() => canvas.evaluate(inkShare), { message: 'something is drawn' })
    .toBeGreaterThan(0.01);
  expect(await axeFindings(page)).toEqual([]);
  await page.screenshot({ path: 'test-results/screenshots/table-map.png' });

  // The wheel over the map scrolls the pane that it stands in.
  await page.setViewportSize({ width: 1440, height: 500 });
  const before = await canvas.boundingBox();
  await canvas.hover();
  await page.mouse.wheel(0, 200);
  await expect
    .poll(async () => (await canvas.boundingBox())?.y)
    .toBeLessThan(before?.y ?? -Infinity);
  await page.setViewportSize(TALL);
  await bench.main.getByText('Table', { exact: true }).click();

  await bench.main.getByRole('searchbox').fill('"a red traffic light"');
  await bench.main.getByRole('searchbox').press('Enter');
  await expect(bench.main.getByText(/features fire on 6 tokens/)).toBeVisible();
  await page.screenshot({ path: 'test-results/screenshots/table-text.png' });
});

/** Share of a canvas' pixels that are not transparent or of one colour with its corner. */
function inkShare(element: HTMLElement | SVGElement): number {
  const canvas = element as HTMLCanvasElement;
  const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
  let ink = 0;
  for (let i = 0; i < data.length; i += 4) {
    if (data[i] !== data[0] || data[i + 1] !== data[1] || data[i + 3] !== data[3]) ink++;
  }
  return ink / (data.length / 4);
}

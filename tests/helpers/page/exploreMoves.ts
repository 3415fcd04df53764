// What a visitor does on the Explore screen with the mouse, as the specs and `npm run bench -- explore` share it. Knows
// no clock.
import { expect, type Page } from '@playwright/test';

/** Heights of the bars of the second brush chart: they change when the first is brushed. */
function otherBars(page: Page): Promise<string> {
  return page
    .locator('.chart-brushed')
    .nth(1)
    .locator('.chart-bar')
    .evaluateAll((bars) => bars.map((bar) => bar.getAttribute('height')).join());
}

/** Brushes the first chart from a fifth of its width to two thirds; the other one is redrawn under it. */
export async function brushFirstChart(page: Page): Promise<void> {
  const overlay = page.locator('.chart-brushed').first().locator('.overlay');
  await overlay.scrollIntoViewIfNeeded();
  const box = await overlay.boundingBox();
  if (box === null) throw new Error('the brush chart is not on the screen');
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + 0.2 * box.width, y);
  await page.mouse.down();
  for (const share of [0.4, 0.66]) {
    const before = await otherBars(page);
    await page.mouse.move(box.x + share * box.width, y);
    await expect.poll(() => otherBars(page)).not.toBe(before);
  }
  await page.mouse.up();
}

/** Rows of features that are not open; the head has no such attribute. */
const closedRows = (page: Page) => page.locator('[role=row][aria-selected=false]');

/** Clicks the first row that is not open and waits until the examples are another feature's. */
export async function openOtherRow(page: Page): Promise<void> {
  const examples = page.getByRole('list', { name: 'Top examples' });
  const before = await examples.textContent();
  await closedRows(page).first().click();
  await expect.poll(() => examples.textContent()).not.toBe(before);
}

/** Scrolls the table by 4,000 pixels; other rows are then drawn. */
export async function scrollTable(page: Page): Promise<void> {
  const grid = page.getByRole('grid', { name: 'Features' });
  const firstRow = closedRows(page).first();
  const before = await firstRow.textContent();
  await grid.evaluate((scroller) => {
    scroller.scrollTop += 4000;
  });
  await expect.poll(() => firstRow.textContent()).not.toBe(before);
}

/** Drags the map, then zooms in; the picture changes each time. */
export async function moveMap(page: Page): Promise<void> {
  const canvas = page.locator('canvas[role=img]');
  const picture = () => canvas.evaluate((element) => (element as HTMLCanvasElement).toDataURL());
  const box = await canvas.boundingBox();
  if (box === null) throw new Error('the map is not on the screen');
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const before = await picture();
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 60, y + 40);
  await expect.poll(picture).not.toBe(before);
  await page.mouse.up();
  const dragged = await picture();
  // Without Ctrl the wheel scrolls what the map stands in.
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -400);
  await page.keyboard.up('Control');
  await expect.poll(picture).not.toBe(dragged);
}

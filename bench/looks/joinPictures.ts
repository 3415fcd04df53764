import type { BrowserContext } from '@playwright/test';

/** Of a row of the sheet, and of the sheet: as much as is read without enlarging it. */
const HEIGHT = 420;
const WIDTH = 1560;

/** Row after row on one sheet, each at the same height, drawn by the browser itself: no image library is needed. */
export async function joinPictures(
  context: BrowserContext,
  pictures: readonly Buffer[],
): Promise<Buffer> {
  const page = await context.newPage();
  const images = pictures.map(
    (picture) => `<img height=${HEIGHT} src="data:image/png;base64,${picture.toString('base64')}">`,
  );
  await page.setContent(
    `<body style="margin:0;width:${WIDTH}px;display:flex;flex-wrap:wrap;gap:12px;background:#888">${images.join('')}</body>`,
  );
  await page.evaluate(() => Promise.all([...document.images].map((image) => image.decode())));
  const sheet = await page.locator('body').screenshot();
  await page.close();
  return sheet;
}

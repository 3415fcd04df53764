import type { BrowserContext } from '@playwright/test';

const QUALITY = 0.82;

/** Pictures under each other in one WebP, drawn by the browser itself: no image library is needed. */
export async function webpOf(
  context: BrowserContext,
  pictures: readonly Buffer[],
): Promise<Buffer> {
  const page = await context.newPage();
  const sources = pictures.map((png) => `data:image/png;base64,${png.toString('base64')}`);
  const url = await page.evaluate(
    async ({ sources, quality }) => {
      const images = await Promise.all(
        sources.map(async (source) => {
          const image = new Image();
          image.src = source;
          await image.decode();
          return image;
        }),
      );
      const canvas = document.createElement('canvas');
      canvas.width = Math.max(...images.map(({ width }) => width));
      canvas.height = images.reduce((sum, { height }) => sum + height, 0);
      const draw = canvas.getContext('2d');
      if (draw === null) throw new Error('webp: no 2d canvas');
      let top = 0;
      for (const image of images) {
        draw.drawImage(image, 0, top);
        top += image.height;
      }
      return canvas.toDataURL('image/webp', quality);
    },
    { sources, quality: QUALITY },
  );
  await page.close();
  return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
}

// npm run bench -- steerStrip [--out docs/screenshots/steer-strip.webp]
// A strip of pictures of the built page: a dial being turned while text streams. Opens a
// Chromium as the e2e tests do, takes the Steer screen at four moments and puts them under each other in one webp.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Page } from '@playwright/test';
import { withBuiltPage } from './page/builtPage';

const WIDTH = 1100;
const HEIGHT = 1000;
/** Slots and lanes; what is above and beside them does not change. */
const CLIP = { x: 60, y: 130, width: WIDTH - 60, height: 660 };
const QUALITY = 0.72;
/** A chosen feature (docs/demoFeatures.json): was … sad or scared. */
const LINK =
  '#v=1&view=steer&sae=demo&steer=1894:add:0max&prompt=One+day,+a+little&len=80&seed=1&theme=light';
/** Strength, and the tokens that must have come before it is set. */
const MOMENTS = [
  { strength: '0', after: 4 },
  { strength: '1.5', after: 24 },
  { strength: '-1.5', after: 48 },
  { strength: '0', after: 66 },
] as const;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { out: { type: 'string', default: 'docs/screenshots/steer-strip.webp' } },
  });
  await withBuiltPage(async (openContext) => {
    const context = await openContext({
      viewport: { width: WIDTH, height: HEIGHT },
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    const frames = await takeFrames(page);
    const strip = await joinFrames(page, frames);
    await writeFile(values.out, strip);
    console.log(JSON.stringify({ out: values.out, frames: frames.length, bytes: strip.length }));
  });
}

async function takeFrames(page: Page): Promise<Buffer[]> {
  await page.goto(`/${LINK}`);
  const main = page.getByRole('main');
  const slider = main.getByRole('slider', { name: 'Strength' });
  await main.getByRole('button', { name: 'Generate' }).click({ timeout: 60_000 });
  const tokens = main.getByRole('list', { name: 'Steered text' }).getByRole('listitem');
  const frames: Buffer[] = [];
  for (const { strength, after } of MOMENTS) {
    await slider.fill(strength);
    await tokens.nth(after - 1).waitFor({ timeout: 60_000 });
    frames.push(await page.screenshot({ clip: CLIP, animations: 'disabled' }));
  }
  return frames;
}

/** Under each other, drawn by the browser itself: no image library is needed. */
async function joinFrames(page: Page, frames: readonly Buffer[]): Promise<Buffer> {
  const sources = frames.map((frame) => `data:image/png;base64,${frame.toString('base64')}`);
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
      const context = canvas.getContext('2d');
      if (context === null) throw new Error('steerStrip: no 2d canvas');
      let top = 0;
      for (const image of images) {
        context.drawImage(image, 0, top);
        top += image.height;
      }
      return canvas.toDataURL('image/webp', quality);
    },
    { sources, quality: QUALITY },
  );
  return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
}

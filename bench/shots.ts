// npm run bench -- shots [--out docs/screenshots] [--only start,strip]
// The pictures of the documentation, of the built page: eleven states (bench/looks has the way to each) and a strip of Start
// in which a word is clicked, a feature turned up, and the text forks. Last line: JSON.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { BrowserContext, Locator, Page } from '@playwright/test';
import { makeWorkbench } from '../tests/helpers/page/workbench';
import { expect, type LookState } from './looks/lookState';
import { STATES } from './looks/states';
import { webpOf } from './looks/webp';
import { withBuiltPage } from './page/builtPage';

type Shot = {
  name: string;
  width: number;
  height: number;
  scheme: 'light' | 'dark';
  /** a heading that is to be in sight, with what stands below it */
  from?: string;
};

const DESKTOP = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };

/** By the state that each needs, which is reached once. */
const SHOTS: Readonly<Record<string, readonly Shot[]>> = {
  start: [{ name: 'start-1440-light', ...DESKTOP, scheme: 'light' }],
  'start-turned-up': [{ name: 'start-390-light', ...PHONE, scheme: 'light', from: 'Turn one up' }],
  'explore-cards': [{ name: 'explore-cards-1440-light', ...DESKTOP, scheme: 'light' }],
  feature: [
    { name: 'explore-1440-light', ...DESKTOP, scheme: 'light' },
    { name: 'explore-1440-dark', ...DESKTOP, scheme: 'dark' },
  ],
  steer: [
    { name: 'steer-1440-light', ...DESKTOP, scheme: 'light' },
    { name: 'steer-390-dark', ...PHONE, scheme: 'dark' },
  ],
  'train-real': [{ name: 'train-1440-light', ...DESKTOP, scheme: 'light' }],
  evaluate: [{ name: 'evaluate-1440-light', ...DESKTOP, scheme: 'light' }],
  // Taller, so that all of the graph is in it.
  circuits: [{ name: 'circuits-1440-light', width: 1440, height: 1060, scheme: 'light' }],
  'share-reproduced': [{ name: 'shared-1440-dark', ...DESKTOP, scheme: 'dark' }],
};

/** As long as it takes to show curves and features worth a picture: minutes, which the states that are only looked at spare. */
const REAL_RUN: LookState = {
  name: 'train-real',
  about: 'Train after a run of 128 steps',
  async reach(page, bench) {
    await bench.open('#v=1&view=train&hook=blocks.2.hook_resid_post&tokens=131072');
    await bench.waitForModel();
    await bench.press('Play');
    await expect(page.getByRole('button', { name: 'Explore this SAE' })).toBeVisible({
      timeout: RUN_PATIENCE,
    });
  },
};
const RUN_PATIENCE = 600_000;

/** A text in which a named feature (docs/demoFeatures.json: Scared or hurt) fires on the last word. */
const STRIP_LINK = '#v=1&view=start&text=Once+upon+a+time,+there+was+a+little+girl.+She+was+scared';
/** As high as all that is looked at: nothing scrolls. */
const STRIP_SIZE = { width: 1100, height: 1000 };
const RAIL = 72;
const PATIENCE = 180_000;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      out: { type: 'string', default: 'docs/screenshots' },
      only: { type: 'string', default: '' },
    },
  });
  const wanted = values.only.split(',').filter(Boolean);
  const isWanted = (name: string) => wanted.length === 0 || wanted.includes(name);
  await mkdir(values.out, { recursive: true });
  const bytes: Record<string, number> = {};
  await withBuiltPage(async (openContext) => {
    const keep = async (name: string, picture: Buffer) => {
      bytes[name] = picture.length;
      await writeFile(join(values.out, `${name}.webp`), picture);
    };
    for (const [name, shots] of Object.entries(SHOTS)) {
      if (!isWanted(name)) continue;
      const context = await openContext({ viewport: DESKTOP, reducedMotion: 'reduce' });
      await takeShots(context, name, shots, keep);
      await context.close();
    }
    if (!isWanted('strip')) return;
    const context = await openContext({ viewport: STRIP_SIZE, reducedMotion: 'reduce' });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    await keep('start-strip', await webpOf(context, await takeStrip(page)));
    await context.close();
  });
  console.log(JSON.stringify(bytes));
}

async function takeShots(
  context: BrowserContext,
  name: string,
  shots: readonly Shot[],
  keep: (name: string, picture: Buffer) => Promise<void>,
): Promise<void> {
  const state = [...STATES, REAL_RUN].find((each) => each.name === name);
  if (state === undefined) throw new Error(`shots: no state ${name}`);
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  await state.reach(page, makeWorkbench(page, { patience: PATIENCE }));
  // What a visitor sees a moment later.
  for (const work of ['Loading the runtime', 'Opening the model']) {
    await expect(page.getByText(work).first()).toBeHidden();
  }
  for (const { name: file, width, height, scheme, from } of shots) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height });
    await page.mouse.move(0, 0);
    if (from === undefined) await page.evaluate(() => scrollTo(0, 0));
    else await page.getByRole('heading', { name: from }).scrollIntoViewIfNeeded();
    await settle(page);
    await keep(file, await webpOf(context, [await page.screenshot({ animations: 'disabled' })]));
  }
}

/** As it arrives; the last word clicked; its feature turned up; turned up to the end. */
async function takeStrip(page: Page): Promise<Buffer[]> {
  const main = page.getByRole('main');
  await page.goto(`/${STRIP_LINK}`);
  const words = main.getByRole('list', { name: 'Words of the text' }).getByRole('listitem');
  await words.first().click();
  await expect(main.getByRole('article').first()).toBeVisible();
  const pictures = [await stripPicture(page, 'heading')];
  await words.last().click();
  const card = main.getByRole('article', { name: /Scared or hurt/ });
  await expect(card).toBeVisible();
  await card.hover();
  pictures.push(await stripPicture(page, 'text'));
  await card.getByRole('button', { name: /^Turn up/ }).click();
  const slider = main.getByRole('slider');
  await expect(slider).toBeEnabled();
  const lane = main.getByRole('group', { name: 'With', exact: true });
  await expect(lane).toHaveAttribute('aria-busy', 'false');
  pictures.push(await stripPicture(page, 'text'));
  await slider.fill((await slider.getAttribute('max')) ?? '1');
  await expect(lane.getByText('ran away')).toBeVisible();
  pictures.push(await stripPicture(page, 'text'));
  return pictures;
}

/** To what is written, from the screen's heading or from the text that is read. */
async function stripPicture(page: Page, from: 'heading' | 'text'): Promise<Buffer> {
  await settle(page);
  const topOf = (what: Locator) => what.evaluate((element) => element.getBoundingClientRect().top);
  const main = page.getByRole('main');
  const first = main.getByRole('heading', { level: 1 });
  const top = await topOf(
    from === 'heading' ? first : main.getByRole('region', { name: 'Your text' }),
  );
  const bottom = await topOf(main.getByRole('heading', { name: 'Where features live' }));
  const clip = { x: RAIL, y: top - 16, width: STRIP_SIZE.width - RAIL, height: bottom - top - 8 };
  return page.screenshot({ clip, animations: 'disabled' });
}

/** What has come into sight is drawn: two frames. */
function settle(page: Page): Promise<void> {
  return page.evaluate(
    () =>
      new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve()))),
  );
}

// npm run bench -- explore [--json] [--copies 1,8] [--clicks 15] [--seconds 2]
// How fast the Explore screen of the built page is in Chromium, with the demo SAE's features 1 and 8 times over (2,048 and
// 16,384): from a click to a dashboard, from a brush to the chart beside it, frames a second of table and map. Beside each,
// the page's own time (script, style, layout), which has no painting in it. Last line: JSON.
import { parseArgs } from 'node:util';
import type { BrowserContext } from '@playwright/test';
import { serveLargeSae } from '../tests/helpers/sae/largeSae';
import { withBuiltPage } from './page/builtPage';
import {
  BARS,
  measureBrush,
  measureDashboard,
  measureMap,
  measureScroll,
  type Measured,
} from './page/exploreSpeed';

/** With all brushes open. */
const VIEWPORT = { width: 1440, height: 1300 };

type Speeds = Record<'dashboardMs' | 'brushMs' | 'tableFps' | 'mapFps', Measured>;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean', default: false },
      copies: { type: 'string', default: '1,8' },
      clicks: { type: 'string', default: '15' },
      seconds: { type: 'string', default: '2' },
    },
  });
  const o = { clicks: Number(values.clicks), seconds: Number(values.seconds) };
  const speeds: Record<number, Speeds> = {};
  await withBuiltPage(async (openContext) => {
    for (const copies of values.copies.split(',').map(Number)) {
      const context = await openContext({ viewport: VIEWPORT });
      const { features, measured } = await measureExplore(context, copies, o);
      speeds[features] = measured;
      await context.close();
    }
  });
  if (!values.json) {
    console.table(Object.entries(speeds).flatMap(([features, one]) => rowsOf(features, one)));
  }
  console.log(JSON.stringify({ d_sae: figuresOf(speeds) }));
}

async function measureExplore(
  context: BrowserContext,
  copies: number,
  { clicks, seconds }: { clicks: number; seconds: number },
): Promise<{ features: number; measured: Speeds }> {
  const page = await context.newPage();
  const features = await serveLargeSae(page, copies);
  const main = page.getByRole('main');
  // By index: copies of one feature do not stand side by side, and a click shows other examples.
  await page.goto('/#v=1&view=explore&as=table&sae=demo&feature=12&sort=index');
  await main.getByRole('button', { name: `all ${features.toLocaleString('en')}` }).waitFor();
  await main.getByRole('list', { name: 'Top examples' }).waitFor();
  await main
    .getByRole('img', { name: /density/i })
    .first()
    .waitFor();
  const dashboardMs = await measureDashboard(page, clicks);
  const tableFps = await measureScroll(page, seconds);
  const brushMs = await measureBrush(page);
  await main.getByRole('button', { name: /^Remove filter: density/ }).click();
  await main.getByText('Map', { exact: true }).click();
  await main.getByRole('img', { name: /^PCA map of / }).waitFor();
  await page.evaluate(() => new Promise(requestAnimationFrame));
  const mapFps = await measureMap(page, seconds);
  return { features, measured: { dashboardMs, brushMs, tableFps, mapFps } };
}

function rowsOf(features: string, speeds: Speeds) {
  const bars: Record<keyof Speeds, number> = {
    dashboardMs: BARS.dashboardMs,
    brushMs: BARS.brushMs,
    tableFps: BARS.fps,
    mapFps: BARS.fps,
  };
  return Object.entries(speeds).map(([name, { value, ownMs }]) => ({
    features,
    figure: name,
    value: Math.round(value),
    bar: bars[name as keyof Speeds],
    'own ms': Number(ownMs.toFixed(1)),
    'bar of own ms': name === 'tableFps' ? BARS.ownMs : '-',
  }));
}

/** By number of features: each figure, and the page's own milliseconds. */
function figuresOf(speeds: Record<number, Speeds>) {
  return Object.fromEntries(
    Object.entries(speeds).map(([features, one]) => [
      features,
      Object.fromEntries(
        Object.entries(one).flatMap(([name, { value, ownMs }]) => [
          [name, Math.round(value)],
          [`${name.replace(/Ms$|Fps$/, '')}OwnMs`, Number(ownMs.toFixed(1))],
        ]),
      ),
    ]),
  );
}

// npm run bench -- visit [--json]
// What a visitor waits for on the built page in Chromium: the second opening of the demo, from this browser's own storage,
// up to the first token (bar 1,000 ms); and the longest task of the page's main thread while a training begins, in CPU
// time (bar 50 ms). Last line: JSON.
import { parseArgs } from 'node:util';
import type { BrowserContext, Page } from '@playwright/test';
import { makeWorkbench } from '../tests/helpers/page/workbench';
import { withBuiltPage } from './page/builtPage';
import { longestMainThreadTask } from './page/mainThread';
import { printFigures } from './page/printFigures';

const BARS = { secondOpenMs: 1000, trainingTaskMs: 50 } as const;

/** A slow machine is measured, not refused, ms. */
const PATIENCE = 1_800_000;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { json: { type: 'boolean', default: false } } });
  const figures = await withBuiltPage(async (openContext) => {
    const context = await openContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    const secondOpenMs = await measureSecondOpening(page);
    const { cpuMs, wallMs } = await measureTraining(context, page);
    return { secondOpenMs, trainingTaskMs: cpuMs, trainingTaskWallMs: wallMs };
  });
  printFigures(figures, BARS, { json: values.json, word: 'bar' });
}

async function measureSecondOpening(page: Page): Promise<number> {
  const bench = makeWorkbench(page, { patience: PATIENCE });
  const model = bench.main.getByText('7.34M');
  await bench.openModel();
  await page.getByRole('region', { name: 'Earlier imports' }).getByText(/MB/).waitFor();
  await page.reload();
  await bench.main.waitFor();
  const started = Date.now();
  await model.waitFor();
  await bench.generate({ prompt: 'Once upon a time', length: 1 });
  await bench.tokens('Generated text').first().waitFor();
  return Date.now() - started;
}

async function measureTraining(context: BrowserContext, page: Page) {
  const browser = context.browser();
  if (browser === null) throw new Error('visit: the context has no browser');
  const bench = makeWorkbench(page, { patience: PATIENCE });
  await bench.goTo('Train');
  await bench.fillTraining({
    hookPoint: 'blocks.2.hook_resid_post',
    expansionFactor: 1,
    k: 8,
    tokens: 8192,
    batchSize: 128,
  });
  return longestMainThreadTask(browser, page, async () => {
    await bench.press('Play');
    await bench.main
      .getByText(/tokens\/s/)
      .first()
      .waitFor();
  });
}

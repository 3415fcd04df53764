// A model's own training, followed while it is written: a real folder, dropped as a person drops it, and a checkpoint that
// appears in it afterwards.
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Locator, type Page } from '@playwright/test';
import { DEMO_MODEL } from '../helpers/model/demoFiles';
import { test } from '../helpers/page/watchedTest';
import { makeWorkbench } from '../helpers/page/workbench';

const DEMO = join(DEMO_MODEL.folder, DEMO_MODEL.model);
const META = join(DEMO_MODEL.folder, DEMO_MODEL.meta);

/** The demo's weights as if they were of that step: metadata first, as no reader waits for it. */
async function addCheckpoint(run: string, step: number): Promise<void> {
  const name = String(step).padStart(6, '0');
  const meta = JSON.parse(await readFile(META, 'utf8')) as object;
  await writeFile(join(run, `meta_${name}.json`), JSON.stringify({ ...meta, step }));
  await copyFile(DEMO, join(run, `model_${name}.pt`));
}

/** Through the browser's own dragging, which alone gives folders with handles to observe. */
async function dropFolder(page: Page, onto: Locator, folder: string): Promise<void> {
  await onto.scrollIntoViewIfNeeded();
  const box = (await onto.boundingBox())!;
  const devtools = await page.context().newCDPSession(page);
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await devtools.send('Input.dispatchDragEvent', {
      type,
      x: box.x + box.width / 2,
      y: box.y + box.height / 2,
      data: { items: [], files: [folder], dragOperationsMask: 1 },
    });
  }
}

test('a dropped run is read, and its next checkpoint as it appears', async ({ page }) => {
  const run = await mkdtemp(join(tmpdir(), 'nanoscope-run-'));
  try {
    await addCheckpoint(run, 1000);
    await copyFile(join(DEMO_MODEL.folder, 'tokenizer.pkl'), join(run, 'tokenizer.pkl'));
    const bench = makeWorkbench(page);
    await bench.open('#v=1&view=explore');
    await bench.main.getByText('Training', { exact: true }).click();
    await dropFolder(page, bench.main.getByText(/^Drop the folder here/), run);
    await expect(bench.main.getByText('New checkpoints are read as they appear.')).toBeVisible();
    await expect(bench.main.getByText('1 checkpoint read, step 1,000.')).toBeVisible();
    await addCheckpoint(run, 2000);
    await expect(bench.main.getByText('2 checkpoints read, steps 1,000, 2,000.')).toBeVisible();
    // The same weights: every feature is what it will be from the first step on.
    await expect(bench.main.getByText('born at 1,000').first()).toBeVisible();
  } finally {
    await rm(run, { recursive: true });
  }
});

// A feature tried out on the built page: its test box, itself switched off in an example, a guessed label, and
// features of a run that is going on. axe finds nothing serious on the way; screenshots are kept.
import { createRequire } from 'node:module';
import { expect, test, type Page } from '@playwright/test';
import type { AxeResults } from 'axe-core';
import { makeWorkbench } from '../helpers/workbench';

const shot = (page: Page, name: string) =>
  page.screenshot({ path: `test-results/screenshots/live-${name}.png`, fullPage: true });

const WIDTHS = [390, 1024, 1440];
const SCHEMES = ['light', 'dark'] as const;

test.beforeEach(async ({ page }) => {
  await page.addInitScript({ path: createRequire(import.meta.url).resolve('axe-core') });
});

/** Every width and scheme: a screenshot, nothing off the side, nothing serious. */
async function look(page: Page, name: string) {
  for (const colorScheme of SCHEMES) {
    for (const width of WIDTHS) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 900 });
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow, `pixels off the side at ${width}`).toBeLessThanOrEqual(0);
      await shot(page, `${name}-${colorScheme}-${width}`);
    }
    expect(await seriousFindings(page), `axe, ${name}, ${colorScheme}`).toEqual([]);
  }
}

async function seriousFindings(page: Page): Promise<string[]> {
  const results = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run: () => Promise<AxeResults> } }).axe.run(),
  );
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

test('a feature answers to own text, is switched off in an example, and gets a guessed label', async ({
  page,
}) => {
  const bench = makeWorkbench(page);
  await bench.open('#v=1&view=explore&sae=demo&feature=12');
  await expect(bench.main.getByRole('list', { name: 'Top examples' })).toBeVisible();

  await test.step('test box', async () => {
    const box = bench.main.getByLabel('Test text');
    await expect(box).toBeEnabled({ timeout: 60_000 });
    await bench.main.getByRole('button', { name: 'Try this text of example 1' }).click();
    await expect(box).not.toHaveValue('');
    await expect(bench.tokens('Test tokens').first()).toBeVisible();
    await expect(bench.main.getByText(/of its maximum in the corpus/)).toBeVisible();
    await box.fill('a dog ran');
    await expect(bench.tokens('Test tokens')).toHaveCount(4);
    await expect(page).toHaveURL(/&text=a\+dog\+ran/);
  });

  await test.step('the next token of an example', async () => {
    const tokens = bench.main.getByRole('list', { name: 'Example 1', exact: true });
    await tokens.getByRole('listitem').first().hover();
    await expect(page.getByText(/next token: log p −?[\d.]+ \(/)).toBeVisible();
    await page.screenshot({ path: 'test-results/screenshots/live-next-token.png' });
  });

  await test.step('ablation', async () => {
    await bench.main.getByRole('button', { name: 'Switch off in example 1' }).click();
    const panel = bench.main.getByRole('region', { name: 'Without this feature' });
    await expect(panel.getByText(/^Mean KL .* nats over/)).toBeVisible();
    await panel.getByLabel('Switched off').selectOption({ index: 1 });
    await expect(panel.getByText(/^Mean KL/)).toBeVisible();
    await panel.getByText(/^Show data/).click();
    expect(await panel.getByRole('row').count()).toBeGreaterThan(5);
    await panel.getByText(/^Show data/).click();
  });

  await test.step('guessed label', async () => {
    await bench.main.getByRole('button', { name: 'Guess labels' }).first().click();
    await expect(bench.main.getByText('guess', { exact: true })).toBeVisible({ timeout: 120_000 });
    await expect(bench.main.getByText(/A plain rule from|It fired on/).first()).toBeVisible();
  });

  await look(page, 'feature');
});

test('features of a run that is going on open at any moment, stamped with their step', async ({
  page,
}) => {
  const bench = makeWorkbench(page);
  await bench.open();
  await bench.waitForModel();
  await bench.goTo('Train');
  await bench.fillTraining({
    hookPoint: 'blocks.2.hook_resid_post',
    expansionFactor: 1,
    k: 8,
    tokens: 16_384,
    batchSize: 128,
  });
  await bench.press('Play');
  const tiles = bench.main.getByRole('list', { name: 'Feature tiles' });
  await expect(tiles.getByRole('button', { name: /^Open feature/ })).toHaveCount(24, {
    timeout: 60_000,
  });
  await tiles
    .getByRole('button', { name: /^Pin feature/ })
    .first()
    .click();
  await tiles
    .getByRole('button', { name: /^Open feature/ })
    .nth(1)
    .click();
  await expect(bench.main.getByRole('heading', { name: /^Feature \d+ step/ })).toBeVisible();
  await expect(bench.main.getByRole('list', { name: 'Promotes' })).toBeVisible();
  await expect(bench.main.getByRole('list', { name: 'Fresh examples' })).toBeVisible();
  await shot(page, 'opened');
  await bench.press('Back');
  await bench.press('Pause');
  await bench.waitForPhase('paused');
  await expect(tiles).toBeVisible();
  await look(page, 'tiles');
});

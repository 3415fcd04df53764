// Every screen at three widths, light and dark: nothing runs off the side, axe finds nothing serious, and a
// screenshot is kept for a person to look at.
import { createRequire } from 'node:module';
import { expect, test, type Page } from '@playwright/test';
import type { AxeResults } from 'axe-core';
import { makeWorkbench, type Workbench } from '../helpers/workbench';

const WIDTHS = [390, 1024, 1440];
const SCHEMES = ['light', 'dark'] as const;

const SCREENS: { name: string; hash: string; prepare: (bench: Workbench) => Promise<void> }[] = [
  {
    name: 'model',
    hash: '#v=1&view=model',
    prepare: async (bench) => {
      await bench.waitForModel();
      await bench.generate({ prompt: 'Once upon a time', length: 40 });
      await expect(bench.tokens('Generated text')).toHaveCount(40);
    },
  },
  {
    name: 'train',
    hash: '#v=1&view=train&hook=blocks.2.hook_resid_post',
    prepare: async (bench) => {
      await expect(bench.main.getByRole('button', { name: 'Play' })).toBeEnabled();
    },
  },
  {
    name: 'explore',
    hash: '#v=1&view=explore&sae=demo&feature=12',
    prepare: async (bench) => {
      await expect(bench.main.getByRole('list', { name: 'Top examples' })).toBeVisible();
    },
  },
  {
    name: 'steer',
    hash: '#v=1&view=steer&sae=demo&feature=12',
    prepare: async (bench) => {
      await expect(bench.main.getByRole('group', { name: 'Feature 12' })).toBeVisible();
      await bench.slider().fill('1.5');
      await bench.generate({ prompt: 'Once upon a time', length: 60 });
      await expect(bench.tokens('Steered text')).toHaveCount(60);
    },
  },
  {
    name: 'evaluate',
    hash: '#v=1&view=evaluate',
    prepare: async (bench) => {
      await bench.evaluateABit();
      await bench.main.getByRole('button', { name: 'demo', exact: true }).click();
      await expect(bench.main.getByRole('region', { name: 'demo in full' })).toBeVisible();
    },
  },
];

for (const { name, hash, prepare } of SCREENS) {
  test(`${name}: fits and reads at every width, light and dark`, async ({ page }) => {
    await page.addInitScript({ path: createRequire(import.meta.url).resolve('axe-core') });
    const bench = makeWorkbench(page);
    await bench.open(hash);
    await prepare(bench);
    for (const colorScheme of SCHEMES) {
      for (const width of WIDTHS) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await page.setViewportSize({ width, height: 900 });
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect(overflow, `pixels off the side at ${width}`).toBeLessThanOrEqual(0);
        expect(await seriousFindings(page), `axe at ${width}, ${colorScheme}`).toEqual([]);
        await page.screenshot({
          path: `test-results/screenshots/${name}-${width}-${colorScheme}.png`,
        });
      }
    }
  });
}

async function seriousFindings(page: Page): Promise<string[]> {
  const results = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run: () => Promise<AxeResults> } }).axe.run(),
  );
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
}

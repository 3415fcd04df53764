// The states that work leaves behind: runs, evaluations, statistics, what is kept, shared and published.
import type { Page } from '@playwright/test';
import { serveShortCorpus } from '../../tests/helpers/engine/shortCorpus';
import { gateEngine } from '../../tests/helpers/page/engineGate';
import type { Workbench } from '../../tests/helpers/page/workbench';
import { expect, FEATURE, type LookState } from './lookState';

const HOOK = 'blocks.2.hook_resid_post';
const CIRCUIT = '#v=1&view=circuits&prompt=Tom+and+his+mom+went+to+the&target=park&against=store';

export const WORK_STATES: readonly LookState[] = [
  {
    name: 'train',
    about: 'Train before a run',
    async reach(_page, bench) {
      await bench.open(`#v=1&view=train&hook=${HOOK}`);
      await expect(bench.main.getByRole('button', { name: 'Play' })).toBeEnabled();
    },
  },
  {
    name: 'train-advanced',
    about: 'Train, everything unfolded, one value refused',
    async reach(_page, bench) {
      await bench.open(`#v=1&view=train&hook=${HOOK}`);
      await bench.waitForModel();
      await bench.openAdvanced();
      await bench.main.getByLabel('k', { exact: true }).fill('0');
      await bench.main.getByLabel('k', { exact: true }).blur();
    },
  },
  {
    name: 'train-queue',
    about: 'Train with runs that wait for their turn',
    async reach(page, bench) {
      await fillSmallRun(page, bench, 100_000);
      await bench.press('Queue');
      await expect(bench.main.getByRole('heading', { name: 'Queue' })).toBeVisible();
      await bench.press('Queue');
      await expect(bench.main.locator('[aria-labelledby=queue] li')).toHaveCount(2);
    },
  },
  {
    name: 'train-running',
    about: 'Train in a run',
    async reach(page, bench) {
      await startSmallRun(page, bench, 10_000_000);
      await expect(bench.main.getByRole('list', { name: 'Feature cards' })).toBeVisible();
      const gate = await gateEngine(page);
      await gate.close();
    },
  },
  {
    name: 'train-finished',
    about: 'Train after a run',
    async reach(page, bench) {
      await serveShortCorpus(page);
      await startSmallRun(page, bench, 8192);
      await bench.waitForPhase('finished');
    },
  },
  {
    name: 'statistics-running',
    about: 'Explore while the statistics of a new SAE are counted',
    async reach(page, bench) {
      await startSmallRun(page, bench, 8192);
      await bench.waitForPhase('finished');
      await bench.press('Explore this SAE');
      await expect(bench.main.getByRole('progressbar')).toBeVisible();
      await expect(bench.main.getByRole('article').first()).toBeVisible();
      const gate = await gateEngine(page);
      await gate.close();
    },
  },
  {
    name: 'explore-compared',
    about: 'Explore, two SAEs compared, a pair open',
    async reach(page, bench) {
      await serveShortCorpus(page);
      await startSmallRun(page, bench, 8192);
      await bench.waitForPhase('finished');
      await bench.press('Explore this SAE');
      await bench.main.getByRole('radio', { name: 'Compare' }).click();
      await bench.press('Match features');
      const pairs = bench.main.getByRole('list', { name: 'Pairs, by cosine' });
      await pairs.getByRole('button').first().click();
      const open = bench.main.getByRole('region', { name: 'The pair side by side' });
      await expect(open.getByRole('article')).toHaveCount(2);
    },
  },
  {
    name: 'evaluate-empty',
    about: 'Evaluate before a measurement',
    async reach(_page, bench) {
      await bench.open('#v=1&view=evaluate');
      await expect(bench.main.getByText('Nothing measured yet.')).toBeVisible();
    },
  },
  {
    name: 'evaluate',
    about: 'Evaluate with a result open',
    async reach(page, bench) {
      await serveShortCorpus(page);
      await bench.open('#v=1&view=evaluate');
      await bench.main.getByRole('button', { name: 'Evaluate this SAE' }).click();
      await expect(
        bench.main.getByRole('img', { name: /^Explained variance by L0/ }),
      ).toBeVisible();
      await expect(bench.main.getByRole('button', { name: 'Evaluate this SAE' })).toBeEnabled();
      await bench.main.getByRole('button', { name: 'demo SAE', exact: true }).click();
    },
  },
  {
    name: 'evaluate-all',
    about: 'Evaluate with all numbers',
    async reach(page, bench) {
      await serveShortCorpus(page);
      await bench.open('#v=1&view=evaluate&all=1');
      await bench.main.getByRole('button', { name: 'Evaluate this SAE' }).click();
      await expect(bench.main.getByRole('button', { name: 'demo SAE', exact: true })).toBeVisible();
    },
  },
  {
    name: 'evaluate-running',
    about: 'Evaluate while it measures',
    async reach(page, bench) {
      await bench.open('#v=1&view=evaluate');
      await bench.waitForModel();
      await bench.main.getByRole('button', { name: 'Evaluate this SAE' }).click();
      await expect(bench.main.getByRole('progressbar')).toBeVisible();
      const gate = await gateEngine(page);
      await gate.close();
    },
  },
  {
    name: 'circuits',
    about: 'Circuits with a graph, one of its features open',
    async reach(_page, bench) {
      await bench.open(CIRCUIT);
      await expect(bench.main.getByRole('heading', { name: 'What led there' })).toBeVisible();
      // The first of the last block has most influence.
      await bench.main
        .getByRole('region', { name: 'Nodes of the graph' })
        .getByRole('row', { name: /block 3/ })
        .first()
        .getByRole('button')
        .click();
      await expect(bench.main.getByRole('heading', { name: 'Takes from' })).toBeVisible();
    },
  },
  {
    name: 'circuits-beside',
    about: 'Circuits with the graphs of two texts side by side',
    isLong: true,
    async reach(_page, bench) {
      await bench.open(CIRCUIT);
      await expect(bench.main.getByRole('heading', { name: 'What led there' })).toBeVisible();
      await bench.main.getByLabel('One text a line').fill('The boy named');
      await bench.main.getByRole('button', { name: 'Compare' }).click();
      const beside = bench.main.getByRole('heading', { name: 'Side by side' });
      await expect(beside).toBeVisible();
      await beside.scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'library',
    about: 'Library',
    async reach(_page, bench) {
      await bench.openModel();
    },
  },
  {
    name: 'library-refused',
    about: 'Library after a file that is none of ours',
    async reach(page, bench) {
      await bench.openModel();
      await page
        .locator('input[type=file]:not([webkitdirectory])')
        .first()
        .setInputFiles({ name: 'notes.pt', mimeType: '', buffer: Buffer.from('not a checkpoint') });
      await expect(page.getByRole('alert').first()).toBeVisible();
    },
  },
  {
    name: 'library-export',
    about: 'Library, the Export menu of an SAE',
    async reach(page, bench) {
      await bench.openModel();
      await page.getByRole('button', { name: 'Export demo SAE:' }).click();
      await expect(page.getByRole('group', { name: 'Export demo SAE' })).toBeVisible();
    },
  },
  {
    name: 'share-dialog',
    about: 'Share, the link that carries what is seen',
    async reach(page, bench) {
      await openShare(page, bench);
    },
  },
  {
    name: 'share-received',
    about: 'a dashboard that somebody shared, without model and SAE',
    async reach(page, bench) {
      const link = await openShare(page, bench);
      await page.route('**/demo/**', (route) => route.abort());
      await page.goto('about:blank');
      await page.goto(link);
      await expect(page.getByText('As shared')).toBeVisible();
    },
  },
  {
    name: 'share-reproduced',
    about: 'a dashboard that somebody shared, computed again here',
    async reach(page, bench) {
      const link = await openShare(page, bench);
      await page.goto('about:blank');
      await page.goto(link);
      await expect(page.getByText('Reproduced', { exact: false }).first()).toBeVisible();
    },
  },
  {
    name: 'share-broken',
    about: 'a link that lost its end on the way',
    async reach(page, bench) {
      const link = await openShare(page, bench);
      await page.goto('about:blank');
      await page.goto(link.slice(0, -400));
      await expect(bench.main.getByRole('alert')).toBeVisible();
    },
  },
  {
    name: 'publish',
    about: 'Publish, the whole SAE as a folder',
    async reach(page, bench) {
      await openShare(page, bench);
      await page.getByRole('button', { name: 'Publish the whole SAE…' }).click();
      await expect(page.getByRole('dialog', { name: /^Publish/ })).toBeVisible();
    },
  },
];

/** Returns the link of the dialog. */
async function openShare(page: Page, bench: Workbench): Promise<string> {
  await bench.open(FEATURE);
  await expect(bench.main.getByRole('list', { name: 'Top examples' })).toBeVisible();
  await page.getByRole('button', { name: 'Share' }).click();
  const dialog = page.getByRole('dialog', { name: 'Share' });
  await dialog.getByRole('radio', { name: 'The place and what is seen there' }).click();
  const link = dialog.getByRole('textbox', { name: 'Link' });
  await expect(link).toHaveValue(/[#&]p=[\w-]+$/);
  return link.inputValue();
}

async function startSmallRun(page: Page, bench: Workbench, tokens: number): Promise<void> {
  await fillSmallRun(page, bench, tokens);
  await bench.press('Play');
}

async function fillSmallRun(page: Page, bench: Workbench, tokens: number): Promise<void> {
  await bench.open(`#v=1&view=train&hook=${HOOK}`);
  await bench.waitForModel();
  await bench.fillTraining({ hookPoint: HOOK, expansionFactor: 1, k: 8, tokens, batchSize: 128 });
  await page.keyboard.press('Escape');
}

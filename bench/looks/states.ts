// The states of the page that a person looks at: how each is reached on the built page. A state that must stand still
// while it is looked at is held: its requests are kept waiting, or its engine rests.
import { expect as expectSoon, type Page } from '@playwright/test';
import { gateEngine } from '../../tests/helpers/page/engineGate';
import { serveShortCorpus } from '../../tests/helpers/engine/shortCorpus';
import type { Workbench } from '../../tests/helpers/page/workbench';

/** A slow machine is waited for. */
const expect = expectSoon.configure({ timeout: 180_000 });

export type LookState = {
  name: string;
  /** what the page shows, as a person would say it */
  about: string;
  reach: (page: Page, bench: Workbench) => Promise<void>;
};

const START_TEXT = '#v=1&view=start';
const FEATURE = '#v=1&view=explore&sae=demo&feature=1894';
const STEER = '#v=1&view=steer&sae=demo&steer=1894:add:1max&prompt=One+day,+a+little&len=60&seed=1';
const HOOK = 'blocks.2.hook_resid_post';

export const STATES: readonly LookState[] = [
  {
    name: 'start-first',
    about: 'Start before anything but the page has arrived',
    async reach(page, bench) {
      await page.route('**/*.{wasm,onnx,bin,safetensors}', hold);
      await bench.open();
      await expect(bench.main.getByRole('article').first()).toBeVisible();
    },
  },
  {
    name: 'start',
    about: 'Start with the model there',
    async reach(_page, bench) {
      await bench.open(START_TEXT);
      await bench.waitForModel();
      await expect(bench.main.getByRole('article').first()).toBeVisible();
    },
  },
  {
    name: 'start-own-text',
    about: 'Start with a text of one’s own',
    async reach(page, bench) {
      await bench.open(START_TEXT);
      await bench.waitForModel();
      await bench.main.getByRole('button', { name: 'Your own text' }).click();
      await page.getByLabel('Text to read').fill('The dog lost his red ball and was very sad.');
      await expect(bench.main.getByRole('article').first()).toBeVisible();
    },
  },
  {
    name: 'start-turned-up',
    about: 'Start, a feature turned up, both texts',
    async reach(_page, bench) {
      await bench.open(START_TEXT);
      await bench.waitForModel();
      await bench.main.getByRole('button', { name: 'Turn it up' }).click();
      await expect(bench.main.getByRole('slider')).toBeVisible();
      await bench.waitForModel();
      await expect(bench.main.getByRole('button', { name: 'Stop' })).toBeHidden();
    },
  },
  {
    name: 'start-no-webgpu',
    about: 'Start without WebGPU',
    async reach(page, bench) {
      await takeWebGpuAway(page);
      await bench.open(START_TEXT);
      await bench.waitForModel();
    },
  },
  {
    name: 'engine-failed',
    about: 'the engine did not start',
    async reach(page, bench) {
      await page.route('**/assets/worker-*.js', (route) => route.abort());
      await bench.open();
      await expect(bench.main.getByRole('alert')).toBeVisible();
    },
  },
  {
    name: 'explore-cards',
    about: 'Explore, cards, nothing open',
    async reach(_page, bench) {
      await bench.open('#v=1&view=explore&sae=demo');
      await expect(bench.main.getByRole('article').first()).toBeVisible();
    },
  },
  {
    name: 'explore-table',
    about: 'Explore, table',
    async reach(_page, bench) {
      await bench.open('#v=1&view=explore&sae=demo&as=table');
      await expect(bench.main.getByRole('row').nth(3)).toBeVisible();
    },
  },
  {
    name: 'explore-map',
    about: 'Explore, map',
    async reach(_page, bench) {
      await bench.open('#v=1&view=explore&sae=demo&as=map');
      await expect(bench.main.locator('canvas').first()).toBeVisible();
    },
  },
  {
    name: 'explore-compare',
    about: 'Explore, comparing: no second SAE yet',
    async reach(_page, bench) {
      await bench.open('#v=1&view=explore&sae=demo&as=compare');
      await bench.waitForModel();
    },
  },
  {
    name: 'explore-nothing-found',
    about: 'Explore, a search that finds nothing',
    async reach(_page, bench) {
      await bench.open('#v=1&view=explore&sae=demo');
      await expect(bench.main.getByRole('article').first()).toBeVisible();
      await bench.main.getByRole('searchbox').fill('zyzzyva');
      await expect(bench.main.getByRole('article')).toHaveCount(0);
    },
  },
  {
    name: 'explore-quoted-text',
    about: 'Explore, features that a quoted text wakes',
    async reach(_page, bench) {
      await bench.open('#v=1&view=explore&sae=demo');
      await bench.waitForModel();
      await bench.main.getByRole('searchbox').fill('"a red ball"');
      await bench.main.getByRole('searchbox').press('Enter');
      await expect(bench.main.getByText(/features fire on/)).toBeVisible();
    },
  },
  {
    name: 'feature',
    about: 'a feature open',
    async reach(_page, bench) {
      await bench.open(FEATURE);
      await expect(bench.main.getByRole('list', { name: 'Top examples' })).toBeVisible();
    },
  },
  {
    name: 'feature-evidence',
    about: 'a feature with its evidence unfolded',
    async reach(_page, bench) {
      await bench.open(FEATURE);
      await expect(bench.main.getByRole('list', { name: 'Top examples' })).toBeVisible();
      await bench.main.getByText('Evidence', { exact: true }).click();
      await expect(bench.main.getByRole('list', { name: 'Decoder neighbours' })).toBeVisible();
      await bench.main.getByText('Evidence', { exact: true }).scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'steer-empty',
    about: 'Steer without a feature',
    async reach(_page, bench) {
      await bench.open('#v=1&view=steer&sae=demo');
      await bench.waitForModel();
    },
  },
  {
    name: 'steer',
    about: 'Steer, both texts written',
    async reach(_page, bench) {
      await bench.open(STEER);
      await expect(bench.main.getByRole('button', { name: 'Generate' })).toBeEnabled();
      await bench.press('Generate');
      await expect(bench.tokens('Steered text')).toHaveCount(60);
    },
  },
  {
    name: 'steer-running',
    about: 'Steer in mid-stream',
    async reach(page, bench) {
      await bench.open(STEER);
      await expect(bench.main.getByRole('button', { name: 'Generate' })).toBeEnabled();
      const gate = await gateEngine(page);
      await bench.press('Generate');
      await bench.tokens('Steered text').nth(15).waitFor();
      await gate.close();
    },
  },
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
      await bench.openAdvanced();
      await bench.main.getByLabel('k', { exact: true }).fill('0');
      await bench.main.getByLabel('k', { exact: true }).blur();
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
      await bench.main.getByRole('button', { name: 'demo', exact: true }).click();
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
    name: 'help',
    about: 'Help: keys and glossary',
    async reach(page, bench) {
      await bench.open(START_TEXT);
      await bench.waitForModel();
      await page.getByRole('button', { name: /^Help/ }).first().click();
      await expect(page.getByRole('dialog')).toBeVisible();
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
    name: 'sae-menu',
    about: 'the SAE chosen in the top bar',
    async reach(page, bench) {
      await bench.open('#v=1&view=explore&sae=demo');
      await bench.waitForModel();
      await page.getByRole('button', { name: /^SAE: / }).click();
    },
  },
];

/** Returns the link of the dialog. */
async function openShare(page: Page, bench: Workbench): Promise<string> {
  await bench.open(FEATURE);
  await expect(bench.main.getByRole('list', { name: 'Top examples' })).toBeVisible();
  await page.getByRole('button', { name: 'Share' }).click();
  const dialog = page.getByRole('dialog', { name: 'Share' });
  await dialog.getByRole('radio', { name: 'What is seen, too' }).click();
  const link = dialog.getByRole('textbox', { name: 'Link' });
  await expect(link).toHaveValue(/[#&]p=[\w-]+$/);
  return link.inputValue();
}

async function startSmallRun(page: Page, bench: Workbench, tokens: number): Promise<void> {
  await bench.open(`#v=1&view=train&hook=${HOOK}`);
  await bench.waitForModel();
  await bench.fillTraining({ hookPoint: HOOK, expansionFactor: 1, k: 8, tokens, batchSize: 128 });
  await page.keyboard.press('Escape');
  await bench.press('Play');
}

/** A request that is never answered. */
const hold = () => new Promise<void>(() => undefined);

/** As in a browser that has none, in the page and in its worker. */
async function takeWebGpuAway(page: Page): Promise<void> {
  const without = "Object.defineProperty(navigator, 'gpu', { value: undefined });";
  await page.addInitScript(without);
  await page.route('**/assets/worker-*.js', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${without}\n${await response.text()}` });
  });
}

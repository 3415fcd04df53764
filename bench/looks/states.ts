// The states of the page that a person looks at: how each is reached on the built page. A state that must stand still
// while it is looked at is held: its requests are kept waiting, or its engine rests.
import type { Page } from '@playwright/test';
import { gateEngine } from '../../tests/helpers/page/engineGate';
import { expect, FEATURE, type LookState } from './lookState';
import { ROWS_STATES } from './rowsStates';
import { WORK_STATES } from './workStates';

const START_TEXT = '#v=1&view=start';
const STEER =
  '#v=1&view=steer&sae=demo&steer=1894:add:1.55max&prompt=One+day,+a+little&len=60&seed=1';

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
      await expect(bench.main.getByRole('slider')).toBeEnabled();
      // The bundled pair has given way to what the model writes here.
      const written = bench.main.getByRole('group', { name: 'With', exact: true });
      await expect(written).toHaveAttribute('aria-busy', 'false');
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
    name: 'model-failed',
    about: 'the model could not be fetched',
    async reach(page, bench) {
      await page.route('**/demo/**/model_*', (route) => route.abort());
      await bench.open(START_TEXT);
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
    name: 'sae-menu',
    about: 'the SAE chosen in the top bar',
    async reach(page, bench) {
      await bench.open('#v=1&view=explore&sae=demo');
      await bench.waitForModel();
      await page.getByRole('button', { name: /^SAE: / }).click();
    },
  },
  ...WORK_STATES,
  ...ROWS_STATES,
];

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

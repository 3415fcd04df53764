// A feature tried out on the built page: all its evidence, its test box, itself switched off in an example, a guessed
// name; and features of a run that is going on. Looked at, at every width, with everything open.
import { expect } from '@playwright/test';
import { gateEngine } from '../helpers/page/engineGate';
import { keepScreenshot, look } from '../helpers/page/look';
import { serveShortCorpus } from '../helpers/engine/shortCorpus';
import { test } from '../helpers/page/watchedTest';
import { makeWorkbench } from '../helpers/page/workbench';

test('a feature shows its evidence, answers to own text, is switched off in an example, gets a guessed name', async ({
  page,
}) => {
  await serveShortCorpus(page);
  // As for an SAE of one's own: nobody has guessed its names yet.
  await page.route('**/demo/sae/guesses.json', (route) => route.fulfill({ json: null }));
  const bench = makeWorkbench(page);
  const { main } = bench;
  await bench.open('#v=1&view=explore&sae=demo&feature=12');
  await expect(main.getByRole('list', { name: 'Top examples' })).toBeVisible();

  await test.step('evidence', async () => {
    await main.getByText('Evidence', { exact: true }).click();
    await expect(main.getByRole('list', { name: 'Decoder neighbours' })).toBeVisible();
    await expect(main.getByRole('list', { name: 'Fires together with' })).toBeVisible();
    await main.getByText('Across the range', { exact: true }).click();
    await expect(main.getByText(/firing tokens \([\d.]+ %\)/).first()).toBeVisible();
    await main.getByText('Random', { exact: true }).click();
    await expect(main.getByRole('list', { name: 'Random examples', exact: true })).toBeVisible();
    await main.getByText('Strongest', { exact: true }).click();
  });

  await test.step('test box', async () => {
    const box = main.getByLabel('Test text');
    await expect(box).toBeEnabled();
    await main.getByRole('list', { name: 'Example 1', exact: true }).hover();
    await main.getByRole('button', { name: 'Try this text of example 1' }).click();
    await expect(box).not.toHaveValue('');
    await expect(bench.tokens('Test tokens').first()).toBeVisible();
    await expect(main.getByText(/of its maximum in the corpus/)).toBeVisible();
    await box.fill('a dog ran');
    await expect(bench.tokens('Test tokens')).toHaveCount(4);
    await expect(page).toHaveURL(/&text=a\+dog\+ran/);
  });

  await test.step('the next token of an example', async () => {
    const tokens = main.getByRole('list', { name: 'Example 1', exact: true });
    await tokens.getByRole('listitem').first().hover();
    await expect(page.getByText(/next token: log p −?[\d.]+ \(/)).toBeVisible();
    await page.screenshot({ path: 'test-results/screenshots/live-next-token.png' });
  });

  await test.step('ablation', async () => {
    await main.getByRole('list', { name: 'Example 1', exact: true }).hover();
    await main.getByRole('button', { name: 'Switch off in example 1' }).click();
    const panel = main.getByRole('region', { name: 'Without this feature' });
    await expect(panel.getByText(/^Mean KL .* nats over/)).toBeVisible();
    await panel.getByLabel('Switched off').selectOption({ index: 1 });
    await expect(panel).toHaveAttribute('aria-busy', 'false');
    await expect(panel.getByText(/^Mean KL/)).toBeVisible();
    await panel.getByText(/^Show data/).click();
    await expect(panel.getByRole('row').nth(5)).toBeVisible();
    await panel.getByText(/^Show data/).click();
  });

  await test.step('guessed names', async () => {
    await main.getByRole('button', { name: /^Sort and filter/ }).click();
    await main.getByRole('button', { name: 'Guess names' }).click();
    await expect(main.getByText(/^Guess, 0\.\d\d/).first()).toBeAttached();
    await page.keyboard.press('Escape');
  });

  await look(page, 'explore');
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
    tokens: 40_960,
    batchSize: 128,
  });
  // The run rests once it has cards to show, and goes on to be paused.
  const gate = await gateEngine(page);
  await bench.press('Play');
  const tiles = bench.main.getByRole('list', { name: 'Feature cards' });
  await gate.runUntil(async () => (await tiles.getByRole('article').count()) === 12);
  // A mouse: what is done with a card shows where it is pointed at.
  const first = tiles.getByRole('article').first();
  await first.hover();
  await first.getByRole('button', { name: /^Pin feature/ }).click();
  await expect(first.getByText('pinned')).toBeVisible();
  await tiles.getByRole('article').nth(1).getByRole('heading').click();
  await expect(bench.main.getByRole('heading', { name: /^Feature \d+ step/ })).toBeVisible();
  await expect(bench.main.getByRole('list', { name: 'Promotes' })).toBeVisible();
  await expect(bench.main.getByRole('list', { name: 'Fresh examples' })).toBeVisible();
  await keepScreenshot(page, 'live-opened');
  await bench.press('Back');
  await bench.press('Pause');
  await gate.open();
  await bench.waitForPhase('paused');
  await expect(tiles).toBeVisible();
  await look(page, 'tiles');
});

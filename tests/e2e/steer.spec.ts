// Steering as a person does it, in a real Chromium: a dial turned while text streams, neutral beside the
// baseline, branch, stop, undo, replay, all by keyboard; axe finds nothing.
import { createRequire } from 'node:module';
import { expect, test, type Page } from '@playwright/test';
import type { AxeResults } from 'axe-core';
import { makeWorkbench, type Workbench } from '../helpers/workbench';

// Longer than any machine writes before a test has looked, so that what acts in mid-stream finds a stream.
const TEXT = 'prompt=Once+upon+a+time&len=480&seed=7';
const LINK = `#v=1&view=steer&sae=demo&steer=12:add:0max&${TEXT}`;

async function openSteer(page: Page): Promise<Workbench> {
  const bench = makeWorkbench(page);
  await bench.open(LINK);
  await expect(bench.main.getByRole('group', { name: 'Slot 1: Feature 12' })).toBeVisible();
  await expect(bench.main.getByRole('button', { name: 'Generate' })).toBeEnabled({
    timeout: 60_000,
  });
  return bench;
}

const texts = (bench: Workbench, list: string) => bench.tokens(list).allInnerTexts();

async function waitForTokens(bench: Workbench, count: number) {
  await expect
    .poll(() => bench.tokens('Steered text').count(), { timeout: 60_000, intervals: [50] })
    .toBeGreaterThanOrEqual(count);
}

test('a dial turned in mid-stream acts on the next tokens; neutral is the baseline', async ({
  page,
}) => {
  const bench = await openSteer(page);
  await bench.press('Generate');
  await waitForTokens(bench, 8);
  const before = await bench.tokens('Steered text').count();
  await bench.slider().fill('3');
  await expect(bench.main.getByText(/The lanes part at token \d+/)).toBeVisible();
  await bench.press('Stop');
  await expect(bench.main.getByText(/Ended: stopped/)).toBeVisible();
  const [baseline, steered] = [
    await texts(bench, 'Baseline text'),
    await texts(bench, 'Steered text'),
  ];
  const parting = steered.findIndex((text, i) => text !== baseline[i]);
  // Neutral up to the turn: the same tokens. After it: others.
  expect(parting).toBeGreaterThanOrEqual(before - 1);
  expect(steered.length).toBeLessThan(480);

  await test.step('undo takes the turn back', async () => {
    await page.keyboard.press('Control+z');
    await expect(bench.slider()).toHaveValue('0');
    await page.keyboard.press('Control+Shift+Z');
    await expect(bench.slider()).toHaveValue('3');
  });

  await test.step('a replay makes the same text', async () => {
    await bench.press('Replay exactly');
    await expect
      .poll(() => bench.tokens('Steered text').count(), { timeout: 60_000 })
      .toBeGreaterThanOrEqual(steered.length);
    expect((await texts(bench, 'Steered text')).slice(0, steered.length)).toEqual(steered);
    await bench.press('Stop');
    await expect(bench.main.getByText(/Ended: stopped/)).toBeVisible();
  });

  await test.step('a branch keeps what was before it', async () => {
    await bench.tokens('Steered text').nth(5).click();
    await bench.main.getByRole('button', { name: 'Branch, new seed' }).click();
    // The old text stands until its stream has given way.
    await expect(bench.main.getByText(/Ended: stopped/)).toBeHidden();
    await waitForTokens(bench, 12);
    expect((await texts(bench, 'Steered text')).slice(0, 5)).toEqual(steered.slice(0, 5));
    await bench.press('Stop');
  });
});

test('from a feature to a steered text by keyboard alone, and axe finds nothing', async ({
  page,
}) => {
  await page.addInitScript({ path: createRequire(import.meta.url).resolve('axe-core') });
  const bench = makeWorkbench(page);
  await bench.open(`#v=1&view=explore&sae=demo&feature=12&${TEXT}`);
  await expect(bench.main.getByRole('list', { name: 'Top examples' })).toBeVisible({
    timeout: 60_000,
  });
  await page.keyboard.press('s');
  await expect(bench.slider()).toHaveValue('1');
  await expect(bench.slider()).toHaveAttribute('aria-valuetext', /^plus 1 times max activation/);
  await expect(bench.main.getByRole('button', { name: 'Generate' })).toBeEnabled({
    timeout: 60_000,
  });
  await page.keyboard.press('}');
  await expect(bench.slider()).toHaveValue('1.5');
  await page.keyboard.press(' ');
  await waitForTokens(bench, 6);
  await page.keyboard.press(' ');
  await expect(bench.main.getByRole('button', { name: 'Go on' })).toBeVisible();
  const held = await bench.tokens('Steered text').count();
  await page.keyboard.press('.');
  await expect.poll(() => bench.tokens('Steered text').count()).toBe(held + 1);
  await page.keyboard.press('0');
  await expect(bench.slider()).toHaveAttribute('aria-valuetext', /^neutral/);
  await page.keyboard.press('d');
  await expect(bench.main.getByRole('list', { name: 'Lanes token by token' })).toBeVisible();
  expect(await seriousFindings(page)).toEqual([]);
});

async function seriousFindings(page: Page): Promise<string[]> {
  const results = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run: () => Promise<AxeResults> } }).axe.run(),
  );
  return results.violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`,
  );
}

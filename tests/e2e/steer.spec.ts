// Steering as a person does it, in a real Chromium: a dial turned while text streams, neutral beside the
// baseline, branch, stop, undo, replay, all by keyboard; axe finds nothing.
import { expect, type Page } from '@playwright/test';
import { gateEngine } from '../helpers/page/engineGate';
import { axeFindings } from '../helpers/page/look';
import { test } from '../helpers/page/returningVisitor';
import { makeWorkbench, type Workbench } from '../helpers/page/workbench';

// Longer than what is read of it: where a test acts in mid-stream, the engine rests at a known token.
const TEXT = 'prompt=Once+upon+a+time&len=480&seed=7';
const LINK = `#v=1&view=steer&sae=demo&steer=12:add:0max&${TEXT}`;

async function openSteer(page: Page): Promise<Workbench> {
  const bench = makeWorkbench(page);
  await bench.open(LINK);
  await expect(bench.main.getByRole('group', { name: /^Slot 1: / })).toBeVisible();
  await expect(bench.main.getByRole('button', { name: 'Generate' })).toBeEnabled();
  return bench;
}

const texts = (bench: Workbench, list: string) => bench.tokens(list).allInnerTexts();

const hasTokens = (bench: Workbench, count: number) => async () =>
  (await bench.tokens('Steered text').count()) >= count;

test('a dial turned in mid-stream acts on the next tokens; neutral is the baseline', async ({
  page,
}) => {
  const bench = await openSteer(page);
  const gate = await gateEngine(page);
  await gate.close();
  await bench.press('Generate');
  await gate.runUntil(hasTokens(bench, 8));
  const before = await bench.tokens('Steered text').count();
  await bench.slider().fill('3');
  const parts = bench.main.getByText(/The lanes part at token \d+/);
  await gate.runUntil(() => parts.isVisible());
  await bench.press('Stop');
  await gate.open();
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
    await gate.close();
    await bench.press('Replay exactly');
    // The old text stands until its stream has given way.
    await expect(bench.main.getByText(/Ended: stopped/)).toBeHidden();
    await gate.runUntil(hasTokens(bench, steered.length));
    expect((await texts(bench, 'Steered text')).slice(0, steered.length)).toEqual(steered);
    await bench.press('Stop');
    await gate.open();
    await expect(bench.main.getByText(/Ended: stopped/)).toBeVisible();
  });

  await test.step('a branch keeps what was before it', async () => {
    await gate.close();
    await bench.tokens('Steered text').nth(5).click();
    await bench.main.getByRole('button', { name: 'Branch, new seed' }).click();
    // The old text stands until its stream has given way.
    await expect(bench.main.getByText(/Ended: stopped/)).toBeHidden();
    await gate.runUntil(hasTokens(bench, 12));
    expect((await texts(bench, 'Steered text')).slice(0, 5)).toEqual(steered.slice(0, 5));
    await bench.press('Stop');
    await gate.open();
    await expect(bench.main.getByText(/Ended: stopped/)).toBeVisible();
  });
});

test('from a feature to a steered text by keyboard alone, and axe finds nothing', async ({
  page,
}) => {
  const bench = makeWorkbench(page);
  await bench.open(`#v=1&view=explore&sae=demo&feature=12&${TEXT}`);
  await expect(bench.main.getByRole('list', { name: 'Top examples' })).toBeVisible();
  await page.keyboard.press('s');
  await expect(bench.slider()).toHaveValue('1');
  await expect(bench.slider()).toHaveAttribute('aria-valuetext', /^plus 1 times max activation/);
  await expect(bench.main.getByRole('button', { name: 'Generate' })).toBeEnabled();
  await page.keyboard.press('}');
  await expect(bench.slider()).toHaveValue('1.5');
  const gate = await gateEngine(page);
  await gate.close();
  await page.keyboard.press(' ');
  await gate.runUntil(hasTokens(bench, 6));
  await page.keyboard.press(' ');
  await expect(bench.main.getByRole('button', { name: 'Go on' })).toBeVisible();
  // What was told before the pause was told is on the page.
  const seen = await bench.tokens('Steered text').count();
  await gate.open();
  // A steered token takes its turn before its first edit: the one that was being made is told, and no other.
  await expect(bench.tokens('Steered text')).toHaveCount(seen + 1);
  await page.keyboard.press('.');
  await expect(bench.tokens('Steered text')).toHaveCount(seen + 2);
  await page.keyboard.press('0');
  await expect(bench.slider()).toHaveAttribute('aria-valuetext', /^neutral/);
  await page.keyboard.press('d');
  await expect(bench.main.getByRole('list', { name: 'Lanes token by token' })).toBeVisible();
  expect(await axeFindings(page, {}, 'minor')).toEqual([]);
});

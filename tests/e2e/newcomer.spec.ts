// The first minutes of somebody who has never been here: the rows of docs/design/page.md with their clicks and distances.
// How long each takes, `npm run bench -- newcomer` measures.
import { expect } from '@playwright/test';
import { DEMO_MODEL } from '../helpers/model/demoFiles';
import { makeNewcomer, PHONE, WIDTHS } from '../helpers/page/newcomer';
import { serveShortCorpus } from '../helpers/engine/shortCorpus';
import { test } from '../helpers/page/watchedTest';
import { makeWorkbench } from '../helpers/page/workbench';

test('a named feature with its texts is there without a click, a steered text after one', async ({
  page,
}) => {
  const newcomer = makeNewcomer(page);
  await page.setViewportSize(PHONE);
  await page.goto('/');
  await newcomer.meetFeature();
  expect(newcomer.clicks()).toBe(0);

  await page.setViewportSize({ width: 1440, height: 900 });
  const texts = await newcomer.steerText();
  expect(newcomer.clicks()).toBeLessThanOrEqual(2);
  expect(texts.with).not.toBe(texts.without);
});

test('a feature of an SAE of one’s own is two clicks away', async ({ page }) => {
  await serveShortCorpus(page);
  const newcomer = makeNewcomer(page);
  await page.goto('/');
  await newcomer.beginTraining();
  // The minute is cut short: not a click of the way.
  await makeWorkbench(page).press('Stop');
  await newcomer.awaitTraining();
  await newcomer.openOwnFeature();
  expect(newcomer.clicks()).toBe(2);
});

test('a checkpoint dropped on any screen is open', async ({ page }) => {
  for (const screen of ['start', 'explore', 'steer', 'train', 'evaluate', 'library']) {
    await test.step(screen, async () => {
      await page.goto('about:blank');
      await page.goto(`/#v=1&view=${screen}&model=demo`);
      const newcomer = makeNewcomer(page);
      await newcomer.dropModel(DEMO_MODEL.names.map((name) => `${DEMO_MODEL.folder}/${name}`));
      expect(newcomer.clicks()).toBe(0);
    });
  }
});

test('the first row of features begins within 160 px at every width', async ({ page }) => {
  const newcomer = makeNewcomer(page);
  await page.goto('/#v=1&view=explore');
  for (const width of WIDTHS) {
    expect(await newcomer.listDistance(width), `at ${width}`).toBeLessThanOrEqual(160);
  }
});

test('slider and steered text are in sight together on a phone', async ({ page }) => {
  await page.setViewportSize(PHONE);
  const newcomer = makeNewcomer(page);
  await page.goto('/');
  await newcomer.steerText();
  expect(await newcomer.seesSliderAndText(), 'on Start').toBe(true);
  // Back leads to what the link says by now.
  await expect.poll(() => page.url()).toContain('steer=');
  await page.goto('/#v=1&view=steer&sae=demo&steer=1894:add:1max&prompt=One+day,+a+little');
  expect(await newcomer.seesDialAndLane(), 'on Steer').toBe(true);
  await page.goBack();
  await expect.poll(() => newcomer.seesSliderAndText(), 'back where Start was left').toBe(true);
});

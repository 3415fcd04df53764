// What somebody shares, from their page to another one: links that carry what was seen, files, on devices that have
// neither model nor SAE; and that it comes out the same where they are.
import { readFile } from 'node:fs/promises';
import { expect, type Browser, type Page } from '@playwright/test';
import { test } from '../helpers/watchedTest';
import { makeWorkbench } from '../helpers/workbench';

/** The link in the dialog once it carries what is seen. */
async function fullLink(page: Page): Promise<string> {
  const dialog = page.getByRole('dialog', { name: 'Share' });
  await dialog.getByRole('radio', { name: 'What is seen, too' }).click();
  const link = dialog.getByRole('textbox', { name: 'Link' });
  await expect(link).toHaveValue(/[#&]p=[\w-]+$/);
  return link.inputValue();
}

/** A page of somebody who has no GPU, and whom neither the demo's model nor its SAE reaches. */
async function barePage(browser: Browser): Promise<Page> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.addInitScript(() => Object.defineProperty(navigator, 'gpu', { value: undefined }));
  await page.route('**/demo/**', (route) => route.abort());
  return page;
}

test('a shared dashboard opens without model, SAE and GPU, and is reproduced where they are', async ({
  page,
  browser,
}) => {
  const bench = makeWorkbench(page);
  await bench.open('#v=1&view=explore&sae=demo&feature=12');
  await expect(bench.latentName()).toHaveText(/ 12$/);
  await page.getByRole('button', { name: 'Share' }).click();
  const link = await fullLink(page);
  const dialog = page.getByRole('dialog', { name: 'Share' });
  await dialog.getByRole('button', { name: 'QR code' }).click();
  await expect(dialog.getByRole('img', { name: 'QR code of the link' })).toBeVisible();
  await page.screenshot({ path: 'test-results/screenshots/share-dialog.png' });
  const saved = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Save as a file' }).click();
  const file = await (await saved).path();
  const examples = await bench.main
    .getByRole('list', { name: 'Example 1', exact: true })
    .innerText();

  await test.step('on a device that has nothing of it', async () => {
    const bare = await barePage(browser);
    await bare.goto(link);
    await expect(bare.getByText('As shared')).toBeVisible();
    await expect(bare.getByRole('article', { name: /^Feature 12: / })).toBeVisible();
    await expect(bare.getByRole('list', { name: 'Example 1', exact: true })).toHaveText(
      examples.replace(/\n/g, ''),
      { useInnerText: false },
    );
    await expect(
      bare.getByText(/^Cannot check: SAE [0-9a-f]{12} is not in this browser/),
    ).toBeVisible();
    for (const width of [390, 768, 1024, 1440]) {
      await bare.setViewportSize({ width, height: 900 });
      await bare.screenshot({ path: `test-results/screenshots/share-received-${width}.png` });
    }
    await bare.context().close();
  });

  await test.step('where model and SAE are', async () => {
    await page.goto('about:blank');
    await page.goto(link);
    await expect(page.getByText(/^Reproduced ✓ \d+ activations/)).toBeVisible();
    // The link stays in the address, so that a reload shows it again.
    expect(page.url()).toBe(link);
    await page.getByRole('button', { name: 'Open in Explore' }).click();
    await expect(bench.latentName()).toHaveText(/ 12$/);
    await expect.poll(() => page.url()).not.toContain('p=');
  });

  await test.step('as a file that is dropped', async () => {
    const buffer = (await readFile(file)).toString('base64');
    const transfer = await page.evaluateHandle((text) => {
      const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], 'mine.nanoscope.gz'));
      return data;
    }, buffer);
    await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
    await expect(page.getByText(/from mine\.nanoscope\.gz/)).toBeVisible();
    await expect(page.getByText(/^Reproduced ✓/)).toBeVisible();
  });

  await test.step('a link that was cut', async () => {
    await page.goto('about:blank');
    await page.goto(link.slice(0, -40));
    await expect(page.getByText(/^This link: it is damaged or cut off/)).toBeVisible();
  });
});

test('a shared pair of texts is written again token by token', async ({ page, browser }) => {
  const bench = makeWorkbench(page);
  await bench.open('#v=1&view=steer&sae=demo&steer=12:add:.3max&prompt=Once+upon+a+time&seed=7');
  await bench.waitForModel();
  await bench.generate({ prompt: 'Once upon a time', length: 8 });
  await expect(bench.tokens('Steered text')).toHaveCount(8);
  await expect(page.getByRole('button', { name: 'Rerun' })).toBeVisible();
  const steered = await bench.tokens('Steered text').allInnerTexts();
  await page.getByRole('button', { name: 'Share' }).click();
  const link = await fullLink(page);

  const bare = await barePage(browser);
  await bare.goto(link);
  await expect(bare.getByText('As shared')).toBeVisible();
  expect(await makeWorkbench(bare).tokens('Steered text').allInnerTexts()).toEqual(steered);
  await bare.screenshot({ path: 'test-results/screenshots/share-texts.png' });
  await bare.context().close();

  await page.goto('about:blank');
  await page.goto(link);
  await expect(page.getByText(/^Reproduced ✓ 16 tokens/)).toBeVisible();
  await page.getByRole('button', { name: 'Open in Steer' }).click();
  await expect(bench.main.getByLabel('Prompt', { exact: true })).toHaveValue('Once upon a time');
  await expect(bench.slider()).toBeVisible();
});

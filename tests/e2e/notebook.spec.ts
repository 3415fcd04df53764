// The notebook of the guide: its four programs run in the browser as they stand, the first one smaller, and are changed,
// stopped and wrong.
import { expect } from '@playwright/test';
import { test } from '../helpers/page/watchedTest';

const HEADINGS = ['Train an SAE', 'Read a text', 'Steer by a feature', 'Look at a feature'];

test('all of its programs run, each to its own output (17)', async ({ page }) => {
  await page.goto('/docs/guide/notebook.html');
  const code = page.getByRole('textbox', { name: 'Program: Train an SAE' });
  const small = (await code.inputValue())
    .replaceAll('8192', '512')
    .replace('batchSize: 512', 'batchSize: 256')
    .replace('expansionFactor: 1', 'expansionFactor: 0.25')
    .replace('k: 16', 'k: 4')
    .replace('tokens: 2000', 'tokens: 300');
  await code.fill(small);
  await page.getByRole('button', { name: 'Run all' }).click();
  await expect(page.getByRole('button', { name: 'Run: Read a text' })).toBeDisabled();
  const output = (of: string) => page.getByRole('log', { name: `Output: ${of}` });
  for (const heading of HEADINGS) {
    await expect(page.locator('section', { has: output(heading) }).getByRole('status')).toHaveText(
      /Done|Failed/,
    );
    await expect(output(heading).locator('.error')).toHaveText([]);
  }
  await expect(output('Train an SAE')).toContainText('step 2 of 2');
  await expect(output('Train an SAE')).toContainText(/explained variance -?\d/);
  await expect(output('Train an SAE').getByRole('link', { name: /^Save .*\.zip$/ })).toBeVisible();
  await expect(output('Read a text')).toContainText(/"Once": \d+ \(\d+\)/);
  await expect(output('Steer by a feature')).toContainText(/× 2: then ".+"/);
  await expect(output('Look at a feature')).toContainText('feature 12 fires on');
  const saving = page.waitForEvent('download');
  await output('Look at a feature').getByRole('link').click();
  expect((await saving).suggestedFilename()).toBe('feature_12.html');
});

test('what goes wrong in a program is said below it, and one that runs on can be stopped (17)', async ({
  page,
}) => {
  await page.goto('/docs/guide/notebook.html');
  const code = page.getByRole('textbox', { name: 'Program: Read a text' });
  const output = page.getByRole('log', { name: 'Output: Read a text' });
  const cell = page.locator('section', { has: code });
  const run = cell.getByRole('button');

  await code.fill("console.log('first');\nnull.nothing;");
  await code.press('Control+Enter');
  await expect(output).toContainText('Cannot read properties of null');
  await expect(cell.getByRole('status')).toHaveText('Failed.');
  await expect(output).toContainText('first');

  await code.fill("import { nothing } from 'nanoscope';");
  await run.click();
  await expect(output).toContainText('it imports a name or a file that is not there');

  await code.fill("import { Sae } from 'nanoscope';\nawait Sae.open('nowhere');");
  await run.click();
  await expect(output).toContainText('address: nowhere was given');

  await code.fill("console.log('begun');\nfor (;;);");
  await run.click();
  await expect(output).toContainText('begun');
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(cell.getByRole('status')).toHaveText('Stopped.');
  await expect(run).toBeEnabled();
});

// The text and the talk: an import checked on held-out text, a corpus that the model writes, own text, and a
// conversation whose turns can be changed.
import { expect, type Locator } from '@playwright/test';
import { test } from '../helpers/page/returningVisitor';
import { serveShortCorpus } from '../helpers/engine/shortCorpus';
import { makeWorkbench } from '../helpers/page/workbench';

test('the import is checked beside its meta file', async ({ page }) => {
  await serveShortCorpus(page);
  const bench = makeWorkbench(page);
  await bench.openModel();
  const panel = page.getByRole('region', { name: 'Check this import' });
  await panel.getByRole('button', { name: 'Check this import' }).click();
  await expect(panel.getByText('nats per token')).toBeVisible();
  const measured = await panel
    .getByText(/^[\d.]+ bits per byte$/)
    .first()
    .innerText();
  // A model that was read wrongly is above 2; the demo on its own text is far below.
  expect(Number.parseFloat(measured)).toBeGreaterThan(0.1);
  expect(Number.parseFloat(measured)).toBeLessThan(1);
  await expect(panel.getByText(/tokens, [\d,]+ bytes/)).toBeVisible();
  await expect(panel.getByRole('status')).toContainText('for different texts');
});

test('the model writes a text, which is stopped, kept and downloaded', async ({ page }) => {
  const bench = makeWorkbench(page);
  await bench.open('#v=1&view=train');
  await expect(bench.main.getByRole('button', { name: 'Play' })).toBeEnabled();
  await bench.openAdvanced();
  await bench.main.getByText('Use your own text').click();
  // Minutes of writing on any machine; one percent of it, rounded, is the thousand tokens that are worth
  // keeping.
  await bench.main.getByLabel('Tokens wanted').fill('200000');
  await bench.press('Write a text');
  const written = bench.main.getByRole('progressbar', { name: 'Text' });
  await expect.poll(async () => Number(await percent(written))).toBeGreaterThanOrEqual(1);
  await bench.press('Stop and keep it');
  await expect(bench.main.getByText(/self-.*seed-42/).first()).toBeVisible();
  const download = page.waitForEvent('download');
  await bench.press('Download .jsonl');
  expect((await download).suggestedFilename()).toMatch(/\.jsonl$/);
  await page.screenshot({ path: 'test-results/screenshots/self-text.png', fullPage: true });
  await bench.press('Back to the bundled corpus');
  await expect(bench.main.getByText(/which the demo model wrote itself/)).toBeVisible();
});

/** Of a progress bar; null while it is not there or does not know. */
async function percent(bar: Locator): Promise<string | null> {
  return (await bar.isVisible()) ? bar.getAttribute('aria-valuenow') : null;
}

test('a conversation: a turn, its reply, a changed turn drops what followed', async ({ page }) => {
  const bench = makeWorkbench(page);
  await bench.openModel();
  await page.getByRole('radio', { name: 'Chat' }).click();
  await expect(bench.main.getByText(/You chose chat: a base model was never taught/)).toBeVisible();
  const turn = bench.main.getByLabel('Your turn');
  await bench.main.getByText('Sampling', { exact: true }).click();
  await bench.main.getByLabel('Length').fill('12');
  for (const text of ['Tell me a story', 'And then?']) {
    await turn.fill(text);
    await turn.press('Enter');
    await expect(
      bench.main.getByText(/^\d+ tokens, (length reached|the model ended)/).last(),
    ).toBeVisible();
  }
  await expect(bench.tokens('Reply 2')).not.toHaveCount(0);
  const first = await bench.main.getByRole('list', { name: 'Reply 1' }).innerText();
  await page.screenshot({ path: 'test-results/screenshots/chat.png', fullPage: true });

  await bench.main.getByRole('button', { name: 'Edit turn 1' }).click();
  await bench.main.getByLabel('Turn 1, changed').fill('Tell me about a dragon');
  await bench.press('Send again');
  await expect(bench.main.getByRole('list', { name: 'Reply 2' })).toBeHidden();
  await expect(bench.tokens('Reply 1')).not.toHaveCount(0);
  await expect
    .poll(() => bench.main.getByRole('list', { name: 'Reply 1' }).innerText())
    .not.toBe(first);
});

// A reader traces the demo's next word, looks at a feature of the graph, tests it against the model, arranges the graph,
// takes it along, and opens its link again.
import { readFileSync } from 'node:fs';
import { expect } from '@playwright/test';
import { look } from '../helpers/page/look';
import { test } from '../helpers/page/returningVisitor';
import { makeWorkbench } from '../helpers/page/workbench';

test('traces a text to features, tests one, and reopens the graph by its link', async ({
  page,
}) => {
  const bench = makeWorkbench(page);
  const { main } = bench;
  const nodes = main.getByRole('region', { name: 'Nodes of the graph' });
  const chosen = main.getByRole('region', { name: 'Chosen node' });

  await test.step('the text', async () => {
    await bench.open('#v=1&view=circuits');
    await main.getByRole('textbox', { name: 'Text', exact: true }).fill('The girl named');
    await main.getByRole('button', { name: 'Trace' }).click();
    await expect(main.getByRole('heading', { name: 'What led there' })).toBeVisible();
    await expect(main.getByText(/of \d+ nodes shown/)).toBeVisible();
    // Names of features come with their cards and guesses.
    await expect(
      nodes.getByRole('button', { name: /^fires on|^after|^the word/ }).first(),
    ).toBeVisible();
  });

  await test.step('a feature, tested against the model', async () => {
    const feature = nodes
      .getByRole('row')
      .filter({ hasText: 'block' })
      .filter({ hasNotText: 'value embedding' })
      .filter({ hasNotText: 'leaves out' });
    await feature.first().getByRole('button').click();
    await expect(chosen.getByRole('article')).toBeVisible();
    await chosen.getByRole('button', { name: 'Switch it off and see' }).click();
    const effects = chosen.getByRole('table', { name: /^Change of each prediction/ });
    await expect(effects).toBeVisible();
    // Sign and figure: of the prediction, of the model with attention frozen, and of the model.
    await expect(effects.getByRole('row').nth(1)).toContainText(/[+−]\d.*[+−]\d.*[+−]\d/);
  });

  await test.step('arranged, and taken along', async () => {
    await chosen.getByRole('button', { name: 'Pin' }).click();
    await expect(page).toHaveURL(/pinned=/);
    const download = page.waitForEvent('download');
    await main.getByRole('button', { name: /^Export the graph/ }).click();
    await main.getByRole('button', { name: /^JSON/ }).click();
    const file = JSON.parse(readFileSync(await (await download).path(), 'utf8')) as {
      nodes: unknown[];
      qParams: { pinnedIds: string[] };
    };
    expect(file.nodes.length).toBeGreaterThan(5);
    expect(file.qParams.pinnedIds).toHaveLength(1);
  });

  await test.step('beside another text', async () => {
    await main.getByLabel('One text a line').fill('The boy named');
    await main.getByRole('button', { name: 'Compare' }).click();
    await expect(main.getByRole('heading', { name: 'Side by side' })).toBeVisible();
    await expect(main.getByRole('group', { name: 'Graph of “The boy named”' })).toBeVisible();
    const both = main.getByRole('region', { name: 'Features of both graphs' });
    await expect(both.getByRole('row').nth(1)).toContainText(/%.*%/);
  });

  await test.step('as it looks', () => look(page, 'circuits'));

  await test.step('by its link', async () => {
    await page.reload();
    await expect(main.getByRole('heading', { name: 'What led there' })).toBeVisible();
    await expect(chosen.getByRole('button', { name: 'Pin', pressed: true })).toBeVisible();
  });
});

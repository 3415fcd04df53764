// The states over rows of a file, which stand in the place of a model.
import type { Page } from '@playwright/test';
import { dropBlobs } from '../../tests/helpers/page/dropBlobs';
import type { Workbench } from '../../tests/helpers/page/workbench';
import { trainOnShapes } from '../../tests/helpers/page/trainOnShapes';
import { shapeRows } from '../../tests/helpers/shapeRows';
import { expect, type LookState } from './lookState';

export const ROWS_STATES: readonly LookState[] = [
  {
    name: 'rows-start',
    about: 'Start over rows of a file',
    async reach(page, bench) {
      await openRows(page, bench);
    },
  },
  {
    name: 'rows-train',
    about: 'Train over rows of a file',
    async reach(page, bench) {
      await openRows(page, bench);
      await bench.press('Train on the rows');
      await expect(bench.main.getByRole('button', { name: 'Play' })).toBeEnabled();
    },
  },
  {
    name: 'rows-feature',
    about: 'a feature of an SAE that was trained on rows, with their pictures',
    async reach(page, bench) {
      await openRows(page, bench);
      await bench.press('Train on the rows');
      await trainOnShapes(bench, expect);
      await bench.goTo('Explore');
      const card = bench.main.getByRole('article', { name: /^Feature/ }).first();
      await card.getByRole('button').first().click();
      await expect(
        bench.main.getByRole('list', { name: 'Top examples' }).getByRole('img').first(),
      ).toBeVisible();
    },
  },
];

async function openRows(page: Page, bench: Workbench): Promise<void> {
  await bench.open();
  await dropBlobs(page, shapeRows());
  await expect(bench.main.getByText(/without the language model they came from/)).toBeVisible();
}

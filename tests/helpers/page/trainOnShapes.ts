// A small SAE of the rows that shapeRows makes, trained on the page.
import type { Expect } from '@playwright/test';
import type { Workbench } from './workbench';

/** From Train, over the open rows, to the end of the run. expect: with the patience of the caller. */
export async function trainOnShapes(bench: Workbench, expect: Expect): Promise<void> {
  await bench.main.getByText(/^Advanced: numbers, seed/).click();
  await bench.main.getByLabel('Expansion factor').fill('1');
  await bench.main.getByLabel('k', { exact: true }).fill('2');
  await bench.main.getByLabel('Rows read').fill('20000');
  await bench.main.getByLabel('Batch size').fill('128');
  await bench.press('Play');
  await expect(
    bench.main.getByRole('heading', { name: 'Rows of rows.npy finished' }),
  ).toBeVisible();
}

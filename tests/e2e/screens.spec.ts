// Screens as a visitor finds them, at every width, light and dark. Explore is looked at in explore-live.spec.ts and
// Evaluate in evaluate.spec.ts, where they have something to show.
import { expect } from '@playwright/test';
import { look } from '../helpers/page/look';
import { test } from '../helpers/page/returningVisitor';
import { makeWorkbench } from '../helpers/page/workbench';

test('start, library, train and steer fit and read at every width, light and dark', async ({
  page,
}) => {
  const bench = makeWorkbench(page);
  await bench.open();
  await bench.waitForModel();
  await test.step('start', () => look(page, 'start'));

  await test.step('library', async () => {
    await bench.openModel();
    await bench.generate({ prompt: 'Once upon a time', length: 40 });
    await expect(bench.tokens('Generated text')).toHaveCount(40);
    await look(page, 'library');
  });

  await test.step('train', async () => {
    await bench.open('#v=1&view=train&hook=blocks.2.hook_resid_post');
    await expect(bench.main.getByRole('button', { name: 'Play' })).toBeEnabled();
    await look(page, 'train');
  });

  await test.step('steer', async () => {
    await bench.open('#v=1&view=steer&sae=demo&feature=12');
    await expect(bench.main.getByRole('group', { name: /^Slot 1: / })).toBeVisible();
    await bench.slider().fill('1.5');
    await bench.generate({ prompt: 'Once upon a time', length: 40 });
    await expect(bench.tokens('Steered text')).toHaveCount(40);
    await look(page, 'steer');
  });
});

// The model on WebGPU in a real browser: the path that every machine with a GPU takes. Software adapters
// compute it slowly, so the text is short.
import { expect } from '@playwright/test';
import { test } from '../helpers/page/returningVisitor';
import { makeWorkbench } from '../helpers/page/workbench';

test('the model writes the same text on WebGPU as on wasm', async ({ page }) => {
  const bench = makeWorkbench(page);
  await bench.openModel();
  const write = async (length: number) => {
    await bench.generate({ prompt: 'Once upon a time', length });
    await expect(bench.tokens('Generated text')).toHaveCount(length);
    return bench.main.getByRole('list', { name: 'Generated text' }).innerText();
  };
  await expect(page.getByText('model on wasm')).toBeAttached();
  // At once, while the wasm runtime is still starting: closing that is no problem to tell.
  const place = bench.main.getByRole('radiogroup', { name: 'Model runs on' });
  await place.getByRole('radio', { name: 'WebGPU' }).click();
  await expect(page.getByText('model on WebGPU')).toBeAttached();
  const onGpu = await write(5);
  await page.screenshot({ path: 'test-results/screenshots/backend-webgpu.png' });
  await bench.main.getByRole('radio', { name: 'wasm' }).click();
  await expect(page.getByText('model on wasm')).toBeAttached();
  // Two more tokens: the text that is still there cannot pass for the new one.
  const onWasm = await write(7);
  expect(onWasm.startsWith(onGpu)).toBe(true);
  await expect(page.getByRole('alert')).toBeHidden();
});

// The library in a page of somebody else: the built file imported as it is, without the app and without its policy.
import { expect, test } from '@playwright/test';

const BARE = '<!doctype html><title>bare</title>';

test('in a bare page it trains a tiny SAE, keeps it in a folder and reads a text with it (17)', async ({
  page,
}) => {
  await page.route('**/bare.html', (route) =>
    route.fulfill({ contentType: 'text/html', body: BARE }),
  );
  await page.goto('/bare.html');
  const found = await page.evaluate(async () => {
    const file = '/lib/nanoscope.js';
    const library = (await import(file)) as typeof import('../../src/library/nanoscope');
    const { demo, InterpretableModel, Sae, SaeConfig } = library;
    const model = await InterpretableModel.open(demo.checkpoint, { device: 'cpu' });
    const config = SaeConfig.fromModel(model, {
      layer: 0,
      expansionFactor: 0.25,
      k: 4,
      tokens: 512,
      batchSize: 128,
    });
    const hook = config.hookPoint;
    const ids = model.tokenize('Once upon a time, there was a little dog.');
    const batches = Array.from({ length: 50 }, () => [ids]);
    const collected = await library.collectActivations(model, batches, {
      hooks: [hook],
      maxActivations: 512,
    });
    const activations = collected.get(hook);
    if (activations === undefined) throw new Error('nothing was collected');
    const trained = await library.trainSaeFromActivations(activations, config, { device: 'cpu' });

    // Through the browser's own folder, and back.
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle('library', { create: true });
    await trained.save(folder);
    const read = await Sae.open(folder);
    const isSame = read.params.W_dec.every((value, i) => value === trained.params.W_dec[i]);
    await model.addSae(read);
    const { tokens, logits } = await model.interpret('Once upon a time', []);
    const [features] = await model.activeFeatures({ top: 4 });
    const refused = await Sae.open('nowhere/').then(
      () => '',
      (cause: unknown) => String(cause),
    );
    await model.dispose();
    return {
      isSame,
      tokens,
      logits: logits.length,
      k: features?.perToken[1]?.length,
      sae: features?.sae,
      refused,
      zip: trained.zip().size,
    };
  });
  expect(found.isSame).toBe(true);
  expect(found.tokens.slice(0, 2)).toEqual(['<|bos|>', 'Once']);
  expect(found.logits).toBe(found.tokens.length * 4096);
  expect(found.k).toBe(4);
  expect(found.sae).toBe('library');
  expect(found.refused).toContain('has no cfg.json');
  expect(found.zip).toBeGreaterThan(2 * 64 * 256 * 4);
});

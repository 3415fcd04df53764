// What is kept for a visit without a network must be all that the demo is made of.
import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { DEMO_FILES } from '../../../src/ui/offline';

/** The model's are kept by its import, the transcoders once Circuits has fetched them; recipes are for whoever bakes the
 *  demo anew. */
const NOT_KEPT = /^(nanochat-d4\/|transcoders\/|sae\/recipe\.json$)/;

it('keeps every file that the page fetches of the demo (7.7)', () => {
  const files = readdirSync('public/demo', { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => `${parentPath}/${name}`.replace(/^public\/demo\//, ''));
  expect([...DEMO_FILES].sort()).toEqual(files.filter((file) => !NOT_KEPT.test(file)).sort());
});

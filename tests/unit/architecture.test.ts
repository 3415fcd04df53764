// The picture of docs/architecture.md is what the imports of today give.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { drawArchitecture } from '../../docs/drawArchitecture.mjs';

it('docs/architecture.svg shows the imports as they are (npm run docs draws it anew)', () => {
  expect(readFileSync('docs/architecture.svg', 'utf8')).toBe(drawArchitecture());
});

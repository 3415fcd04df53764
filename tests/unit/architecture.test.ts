// The layout that docs/architecture.md promises: its picture is what the imports of today give, and no folder is too full
// to be read at a glance.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { drawArchitecture } from '../../docs/drawArchitecture.mjs';

const MOST_FILES = 25;
/** One file for each kernel. */
const BY_KERNEL = ['src/gpu/kernels', 'src/core/reference'];

/** The folder and all below it. */
function foldersOf(folder: string): string[] {
  const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [folder, ...below.flatMap(({ name }) => foldersOf(join(folder, name)))];
}

function fileCount(folder: string): number {
  return readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile()).length;
}

it('docs/architecture.svg shows the imports as they are (npm run docs draws it anew)', () => {
  expect(readFileSync('docs/architecture.svg', 'utf8')).toBe(drawArchitecture());
});

it.each(['src', 'tests', 'bench'])(
  `no folder of %s has more than ${MOST_FILES} files beside its subfolders`,
  (root) => {
    const folders = foldersOf(root).filter((folder) => !BY_KERNEL.includes(folder));
    const full = folders.filter((folder) => fileCount(folder) > MOST_FILES);
    expect(full.map((folder) => `${folder}: ${fileCount(folder)} files`)).toEqual([]);
  },
);

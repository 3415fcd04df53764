// The bound on what loads first (npm run test:size, after a build): the scripts of the page and of its worker, each with all
// that it imports at once. What is imported later, in parentheses, is not among it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = 'dist/assets';
const IMPORTED_AT_ONCE = /\b(?:from|import)\s*["']\.\/([^"']+\.js)["']/g;

/** @param {string} stem */
function entry(stem) {
  const found = readdirSync(FOLDER).filter((name) => name.startsWith(`${stem}-`));
  const scripts = found.filter((name) => name.endsWith('.js'));
  if (scripts.length !== 1) throw new Error(`${FOLDER}: one ${stem}-*.js expected: ${scripts}`);
  return scripts[0] ?? '';
}

/** @param {string} first @returns {string[]} */
function withImports(first) {
  const names = new Set([first]);
  for (const name of names) {
    const source = readFileSync(join(FOLDER, name), 'utf8');
    for (const [, imported = ''] of source.matchAll(IMPORTED_AT_ONCE)) names.add(imported);
  }
  return [...names].map((name) => join(FOLDER, name));
}

export default [
  {
    name: 'scripts that load first',
    path: ['index', 'worker'].flatMap((stem) => withImports(entry(stem))),
    limit: '350 kB',
    gzip: true,
  },
];

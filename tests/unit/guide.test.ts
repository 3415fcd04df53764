// The guide is complete wherever it is listed, has the page's own words, and its built pages lead to one another.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { formatGlossary } from '../../docs/writeGlossary.mjs';
import { guidePage, guidePaths } from '../../guidePages';
import { GUIDE } from '../../src/ui/shell/guide';
import { GLOSSARY } from '../../src/ui/parts/text/glossary';

const read = (path: string) => readFileSync(path, 'utf8');

it('is listed whole, in Help and in the README, by the titles of its pages', () => {
  const pages = GUIDE.map(({ page }) => `${page}.md`);
  expect([...pages].sort()).toEqual(readdirSync('docs/guide').sort());
  for (const { page, title } of GUIDE) {
    expect(read(`docs/guide/${page}.md`).split('\n')[0]).toBe(`# ${title}`);
    expect(read('README.md')).toContain(`(docs/guide/${page}.md)`);
  }
});

it('has the words of the page (npm run docs writes them anew)', () => {
  expect(read('docs/guide/glossary.md')).toBe(formatGlossary(GLOSSARY));
});

it('leads from page to page where it is built, to places that are there', () => {
  const pages = new Map(guidePaths().map((path) => [path, guidePage(path)]));
  const broken = [...pages].flatMap(([path, html]) =>
    [...html.matchAll(/<a href="([^"]*)"/g)]
      .map(([, href = '']) => href)
      .filter((href) => !leads(pages, path, href))
      .map((href) => `${path}: ${href}`),
  );
  expect(broken).toEqual([]);
  expect(pages.get('docs/guide/start.html')).toContain('<a href="figures.html">');
  // The design papers are not among them: a link to one stays as words.
  expect(pages.get('docs/performance.html')).not.toContain('href="design');
});

function leads(pages: ReadonlyMap<string, string>, from: string, href: string): boolean {
  if (/^https?:/.test(href)) return true;
  const [file = '', anchor] = href.split('#');
  const to = file === '' ? from : join(dirname(from), file);
  if (to === './') return true; // the app
  const page = pages.get(to);
  return page !== undefined && (anchor === undefined || page.includes(` id="${anchor}"`));
}

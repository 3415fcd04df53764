// The documents are held to the tree: their links, the paths that they name, and the sections that source
// comments point to. Knows nothing of what they say.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const DOCUMENTS = ['README.md', 'CHANGELOG.md', ...filesIn('docs', /\.md$/)];
const SOURCES = ['src', 'shaders', 'bench', 'tests']
  .flatMap((folder) => filesIn(folder, /\.(tsx?|css|mjs|cjs|py|wgsl)$/))
  .filter((path) => !path.startsWith('tests/fixtures/'));
const FOLDERS = /^(src|tests|shaders|bench|docs|public)\//;

function filesIn(folder: string, name: RegExp): string[] {
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return found
    .filter((path) => name.test(path))
    .map((path) => join(folder, path))
    .sort();
}

type Section = { title: string; number: string | null; anchor: string };

/** Text without fenced code, whose brackets and backticks are not Markdown. */
function prose(path: string): string {
  return readFileSync(path, 'utf8').replace(/^(```|~~~)[\s\S]*?^\1/gm, '');
}

function sectionsOf(path: string): Section[] {
  const seen = new Map<string, number>();
  return [...prose(path).matchAll(/^#{1,6} +(.+)$/gm)].map(([, title = '']) => {
    const slug = slugOf(title);
    const before = seen.get(slug) ?? 0;
    seen.set(slug, before + 1);
    const anchor = before === 0 ? slug : `${slug}-${before}`;
    return { title, number: /^(\d+(?:\.\d+)*)\.?\s/.exec(title)?.[1] ?? null, anchor };
  });
}

/** A heading's anchor as GitHub makes it. */
function slugOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

describe.each(DOCUMENTS)('%s', (path) => {
  it('links to files and headings that exist', () => {
    const links = [...prose(path).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
    const broken = links.filter(
      (target) => !/^(https?|mailto):/.test(target) && !leads(path, target),
    );
    expect(broken).toEqual([]);
  });

  it('names files and folders that exist', () => {
    const named = [...prose(path).matchAll(/`([^`\n]+)`/g)].flatMap(([, span = '']) => {
      const words = span.split(/\s+/);
      return words.map((word) => ({ word, isArgument: words.length > 1 }));
    });
    const paths = named.filter(({ word }) => FOLDERS.test(word) && !/[*{<…$]/.test(word));
    expect(paths.filter(({ word, isArgument }) => !exists(word, isArgument))).toEqual([]);
  });
});

function leads(from: string, target: string): boolean {
  const [file = '', anchor] = target.split('#');
  const path = file === '' ? from : join(dirname(from), decodeURIComponent(file));
  if (!existsSync(path)) return false;
  if (anchor === undefined) return true;
  return sectionsOf(path).some((section) => section.anchor === anchor);
}

/** A test runner's argument may be the beginning of a path. */
function exists(word: string, isArgument: boolean): boolean {
  const path = word.replace(/[?:].*$/, '').replace(/[.,;]$/, '');
  if (existsSync(path)) return !path.endsWith('/') || statSync(path).isDirectory();
  return isArgument && existsSync(dirname(path)) && startsAName(path);
}

function startsAName(path: string): boolean {
  return readdirSync(dirname(path)).some((name) => name.startsWith(basename(path)));
}

describe('what comments and documents point to', () => {
  const documents = new Map(
    filesIn('docs', /\.md$/).map((path) => [basename(path), sectionsOf(path)]),
  );

  it('is a document of this repository', () => {
    const mentions = SOURCES.filter((path) => !path.startsWith('tests/')).flatMap((path) =>
      [...comments(path).matchAll(DOCUMENT_NAME)].map(([, name = '']) => `${path}: ${name}`),
    );
    const known = [...documents.keys(), 'README.md', 'CHANGELOG.md'];
    expect(mentions.length).toBeGreaterThan(100);
    expect(mentions.filter((each) => !known.some((name) => each.endsWith(`: ${name}`)))).toEqual(
      [],
    );
  });

  it('is a section that the document has', () => {
    const texts = [
      ...SOURCES.map((path) => ({ path, text: comments(path) })),
      ...DOCUMENTS.map((path) => ({ path, text: prose(path) })),
    ];
    const references = texts.flatMap(({ path, text: whole }) =>
      [...whole.matchAll(SECTION_REFERENCE)].flatMap(([text, name = '', numbers = '']) =>
        [...numbers.matchAll(/\d+(?:\.\d+)?/g)].map(([number]) => ({ path, text, name, number })),
      ),
    );
    const missing = references.filter(
      ({ name, number }) =>
        documents.has(name) && !documents.get(name)?.some((section) => section.number === number),
    );
    expect(references.length).toBeGreaterThan(100);
    expect(missing).toEqual([]);
  });
});

const DOCUMENT_NAME = /(?<![\w/.-])([a-z]+\.md)\b/g;
/** `sae.md §2`, `sae.md's §5–7`, `interface.md 2.3`, `sae.md (sections 2, 3)`; in the documents also with
 *  backticks or as a link. */
const SECTION_REFERENCE =
  /\b([a-z]+\.md)[`)]?(?:'s)?,? \(?(?:§+|sections? )?(\d+(?:\.\d+)?(?:(?:–|-|, |, §| and )\d+(?:\.\d+)?)*)/g;

/** The comments of a file as one running text. */
function comments(path: string): string {
  const source = readFileSync(path, 'utf8');
  const mark = path.endsWith('.py') ? /(?:^|\s)#(.*)$|"""(.*)/ : /(?:^|\s)(?:\/\/|\/?\*+)(.*)$/;
  const lines = source.split('\n').map((line) => {
    const found = mark.exec(line);
    return (found?.[1] ?? found?.[2] ?? '').trim();
  });
  return lines.join(' ');
}

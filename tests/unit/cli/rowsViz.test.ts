// Rows of another tool from end to end: shapes whose factors are known, an SAE that finds them, and pages that show the
// rows' own pictures, texts and clips.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { main } from '../../../examples/shapes';
import { zipFiles } from '../../../src/formats/archives/archive';
import { runCommand } from '../../helpers/engine/runCommand';

const folder = mkdtempSync(join(tmpdir(), 'nanoscope-shapes-'));
const ROWS = 512;
let made: Awaited<ReturnType<typeof main>>;
beforeAll(async () => {
  made = await main({ rows: ROWS, tokens: 100_000, out: folder });
});
afterAll(() => rmSync(folder, { recursive: true }));

const viz = (...rest: string[]) =>
  runCommand([
    ...['viz', '--sae-path', join(folder, 'sae'), '--activations', join(folder, 'rows.npy')],
    ...['--output-dir', join(folder, 'html'), '--json', ...rest],
  ]);
const pageOf = (name: string) =>
  parseHTML(readFileSync(join(folder, 'html', name), 'utf8')).document;
const listOf = (lines: object[]) => {
  const path = join(folder, 'list.jsonl');
  writeFileSync(path, lines.map((line) => JSON.stringify(line)).join('\n'));
  return path;
};

it('finds the factors of the shapes again', () => {
  expect(made.factors).toBe(12);
  expect(made.recovered).toBeGreaterThanOrEqual(10);
});

it('shows the pictures on which each feature fires, and says what is missing without a model', async () => {
  const run = await viz(
    ...['--all-features', '--top-k', '3', '--rows', join(folder, 'rows.jsonl')],
    ...['--thumbnails', join(folder, 'thumbs')],
  );
  expect(run, run.notes.join('\n')).toMatchObject({ code: 0 });
  const { files } = JSON.parse(run.out) as { files: string[] };
  expect(readdirSync(join(folder, 'html')).sort()).toEqual([...files].sort());
  const pages = files.slice(1).map(pageOf);
  expect(pages).toHaveLength(16);
  // A feature of a factor shows shapes that share it: all of the strongest three have one.
  const shared = pages.filter((page) => {
    const examples = [...page.querySelectorAll('details[open] .example')];
    const shapes = examples.map(
      (one) => one.querySelector('img')?.getAttribute('alt')?.split(', ') ?? [],
    );
    return (
      examples.length === 3 &&
      (shapes[0] ?? []).some((shape) => shapes.every((others) => others.includes(shape)))
    );
  });
  expect(shared.length).toBeGreaterThanOrEqual(10);
  const first = shared[0];
  expect(first?.body.textContent).toContain('these rows came without their model');
  const picture = first?.querySelector('.example img')?.getAttribute('src') ?? '';
  expect(atob(picture.replace(/^data:image\/svg\+xml;base64,/, ''))).toMatch(/^<svg .*<\/svg>$/);
  const policy = first?.querySelector('meta[http-equiv]')?.getAttribute('content');
  expect(policy).toMatch(/^default-src 'none';.*img-src data:; media-src data:/);
});

it('shows the part of a text, the box of a picture, the stretch of a clip', async () => {
  const files = { 'a.svg': '<svg/>', 'b.wav': 'RIFF' };
  const bytes = Object.entries(files).map(
    ([name, text]) => [name, new TextEncoder().encode(text)] as const,
  );
  const zip = join(folder, 'thumbs.zip');
  writeFileSync(zip, zipFiles(new Map(bytes)));
  const lines = Array.from(
    { length: ROWS },
    (_, row) =>
      [
        { row, kind: 'text', label: 'a <red> dog', span: [2, 7] },
        { row, kind: 'image', ref: 'a.svg', label: 'one', box: [3, 4, 20, 10] },
        { row, kind: 'audio', ref: 'b.wav', label: 'bark', time: [0.5, 1.25] },
      ][row % 3]!,
  );
  const run = await viz('--feature', '0,1', '--rows', listOf(lines), '--thumbnails', zip);
  expect(run, run.notes.join('\n')).toMatchObject({ code: 0 });
  const page = pageOf('feature_0.html');
  const marked = page.querySelector('.example .tokens .peak');
  expect(marked?.textContent).toBe('<red>');
  expect(marked?.parentElement?.textContent).toBe('a <red> dog');
  expect(page.querySelector('.example svg')?.getAttribute('viewBox')).toBe('3 4 20 10');
  expect(page.querySelector('.example audio')?.getAttribute('src')).toMatch(
    /^data:audio\/wav;base64,.*#t=0\.5,1\.25$/,
  );
});

it.each([
  ['a line that is not JSON', 'x', 'line 1: not JSON'],
  ['no row', '{"kind":"text"}', 'line 1: row: expected'],
  ['a row too many', `{"row":${ROWS},"kind":"text"}`, `row ${ROWS}; the file has 0 to ${ROWS - 1}`],
  ['a row twice', '{"row":1,"kind":"a"}\n\n{"row":1,"kind":"b"}', 'line 3: row 1 was named before'],
  ['a stretch that ends first', '{"row":1,"kind":"audio","time":[2,1]}', 'line 1: time: expected'],
])('refuses %s', async (_, text, words) => {
  const path = join(folder, 'bad.jsonl');
  writeFileSync(path, text);
  const run = await viz('--feature', '0', '--rows', path);
  expect(run.code).toBe(1);
  expect(run.notes.at(-1)).toContain(words);
});

// Every command of docs/guide that is marked to be run, in the order of its page, in a folder where the demo's text is
// short.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCommand, writeShortText } from '../../helpers/engine/runCommand';

const GUIDE = 'docs/guide';
const PREFIX = 'npm run nanoscope -- ';
const pages = readdirSync(GUIDE).sort();

/** Lines of the blocks fenced as `sh run`. */
function commandsOf(page: string): string[] {
  const text = readFileSync(join(GUIDE, page), 'utf8');
  return [...text.matchAll(/^```sh run\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) =>
    block.trim().split('\n'),
  );
}

/** As a shell would divide it, for the quotes that the pages use. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

/** A tenth of the text where a command reads thousands of tokens: as it stands on its page `npm run test:long` runs it. */
function shortened(line: string): string {
  if (process.env['LONG_TESTS'] !== undefined) return line;
  return line.replace(/(--num-(?:activations|tokens) \d+000?)0\b/g, '$1');
}

const folder = mkdtempSync(join(tmpdir(), 'nanoscope-guide-'));
afterAll(() => rmSync(folder, { recursive: true }));

function makeClone(name: string): string {
  const cwd = join(folder, name);
  const demo = join(cwd, 'public/demo');
  mkdirSync(demo, { recursive: true });
  for (const part of ['nanochat-d4', 'sae']) {
    symlinkSync(resolve('public/demo', part), join(demo, part));
  }
  writeShortText(demo, { name: 'corpus.jsonl' });
  return cwd;
}

describe.each(pages.filter((page) => commandsOf(page).length > 0))('%s', (page) => {
  const cwd = makeClone(page);
  it.each(commandsOf(page))('%s', async (line) => {
    expect(line.startsWith(PREFIX)).toBe(true);
    const run = await runCommand(wordsOf(shortened(line).slice(PREFIX.length)), { cwd });
    expect(run.code, run.notes.join('\n')).toBe(0);
    expect(run.out).not.toBe('');
  });
});

it('commands are found on the pages that promise them', () => {
  expect(commandsOf('start.md').length).toBeGreaterThan(4);
  expect(commandsOf('headless.md').length).toBeGreaterThan(6);
});

// Every command of docs/guide that is marked to be run, in the order of its page, in a folder where the demo's text is
// short. Of the others, which need files of the reader's or an hour, that their options are there.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCommand, writeShortText } from '../../helpers/engine/runCommand';

const GUIDE = 'docs/guide';
const PREFIX = 'npm run nanoscope -- ';
const pages = readdirSync(GUIDE).sort();

/** Lines of the blocks fenced so. */
function commandsOf(page: string, fence: 'sh' | 'sh run' = 'sh run'): string[] {
  const text = readFileSync(join(GUIDE, page), 'utf8');
  return [...text.matchAll(/^```(.+)\n([\s\S]*?)^```$/gm)]
    .filter(([, given]) => given === fence)
    .flatMap(([, , block = '']) => block.trim().split('\n'));
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
  for (const part of ['nanochat-d4', 'sae', 'transcoders']) {
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

const ONLY_SHOWN = pages
  .flatMap((page) => commandsOf(page, 'sh'))
  .map((line) => line.replace(PREFIX, 'npx nanoscope '))
  .filter((line) => line.startsWith('npx nanoscope '));

it.each(ONLY_SHOWN)('has the options of %s', async (line) => {
  const [, , command = '', ...rest] = wordsOf(line);
  const help = await runCommand([command, '--help']);
  expect(help.code).toBe(0);
  const flags = rest.filter((word) => word.startsWith('--'));
  expect(flags.filter((flag) => !new RegExp(`${flag}[ \n]`).test(help.out))).toEqual([]);
});

it('commands are found on the pages that promise them', () => {
  expect(commandsOf('start.md').length).toBeGreaterThan(4);
  expect(commandsOf('headless.md').length).toBeGreaterThan(6);
  expect(ONLY_SHOWN.length).toBeGreaterThan(4);
});

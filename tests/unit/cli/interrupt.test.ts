// Ctrl-C once: what is going on ends, what was made so far is told, the exit code says so.
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { SaeEvaluation } from '../../../src/core/evaluate/evaluation';
import { runCommand, writeShortText } from '../../helpers/engine/runCommand';

const folder = mkdtempSync(join(tmpdir(), 'nanoscope-interrupt-'));
const text = writeShortText(folder);
afterAll(() => rmSync(folder, { recursive: true }));

/** The demo's SAE without what was read of its text. */
const bare = join(folder, 'bare');
cpSync('public/demo/sae', bare, {
  recursive: true,
  filter: (path) => !path.endsWith('statistics.bin'),
});
const sae = ['--sae-path', bare, '--checkpoint', 'public/demo', '--data', text];

const pressAt = (words: string) => ({
  onNote: (line: string, pressCtrlC: () => void) => {
    if (line.includes(words)) pressCtrlC();
  },
});

it('eval tells what it has measured by then', async () => {
  const run = await runCommand(
    ['eval', ...sae, '--num-tokens', '20000', '--json'],
    pressAt('Measuring'),
  );
  expect(run.code).toBe(130);
  const { evaluations } = JSON.parse(run.out) as { evaluations: SaeEvaluation[] };
  expect(evaluations).toMatchObject([{ isComplete: false }]);
  expect(evaluations[0]?.metrics.tokens).toBeLessThan(evaluations[0]?.availableTokens ?? 0);
  expect(run.notes.at(-1)).toContain('incomplete');
});

it('steer tells both texts as far as they are', async () => {
  const steer = ['steer', ...sae, '--feature', '3', '--mode', 'scale', '--text', 'Once upon'];
  const run = await runCommand(
    [...steer, '--max-tokens', '100', '--json'],
    pressAt('Writing: 10 of'),
  );
  expect(run.code).toBe(130);
  const { baseline } = JSON.parse(run.out) as { baseline: string };
  expect(baseline).toMatch(/^Once upon./);
  expect(run.notes.some((line) => line.startsWith('Writing: 90 of'))).toBe(false);
});

it('viz ends while it reads the text, and writes no page', async () => {
  const out = join(folder, 'html');
  const run = await runCommand(
    ['viz', ...sae, '--feature', '3', '--output-dir', out],
    pressAt('Reading'),
  );
  expect(run.code).toBe(130);
  expect(run.notes.at(-1)).toBe('Ended by Ctrl-C.');
  expect(existsSync(out)).toBe(false);
  expect(existsSync(join(bare, 'statistics.bin'))).toBe(false);
});

// A run that is followed: what is there, what is half written, what appears, and how it ends.
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { unzipSync, zipSync } from 'fflate';
import { afterAll, expect, it } from 'vitest';
import type { FollowedRun } from '../../../src/engine/explore/api';
import { runCommand, writeShortText } from '../../helpers/engine/runCommand';

const DEMO = 'public/demo/nanochat-d4';
const folder = mkdtempSync(join(tmpdir(), 'nanoscope-watch-'));
afterAll(() => rmSync(folder, { recursive: true }));

const source = readdirSync(DEMO).find((name) => name.endsWith('.pt'))!;
const model = join(DEMO, source);
const meta = JSON.parse(
  readFileSync(join(DEMO, source.replace('model', 'meta').replace('.pt', '.json')), 'utf8'),
) as object;

function writeMeta(step: number, valBpb: number): void {
  const text = JSON.stringify({ ...meta, step, val_bpb: valBpb });
  writeFileSync(join(folder, `meta_000${step}.json`), text);
}

/** The demo's model with another attention: half of its weights have the other sign. */
function writeOther(step: number): void {
  const entries = unzipSync(readFileSync(model));
  for (const [name, bytes] of Object.entries(entries)) {
    // Square matrices of bf16: attention.
    if (!name.includes('/data/') || bytes.length !== 2 * 256 * 256) continue;
    for (let at = 1; at < bytes.length / 2; at += 2) bytes[at]! ^= 0x80;
  }
  writeFileSync(join(folder, `model_000${step}.pt`), zipSync(entries, { level: 0 }));
  writeMeta(step, 1.25);
}

const watch = (...rest: string[]) => [
  ...['watch', folder, '--sae-path', 'public/demo/sae', '--text', 'Once upon a time', ...rest],
];

it('is read at every checkpoint, at new ones as they appear, until Ctrl-C', async () => {
  const lost = await runCommand(watch('--once'));
  expect(lost.code).toBe(1);
  expect(lost.notes.at(-1)).toContain('name tokenizer.pkl or tokenizer.json with --tokenizer');

  cpSync(join(DEMO, 'tokenizer.pkl'), join(folder, 'tokenizer.pkl'));
  const empty = await runCommand(watch('--once'));
  expect(empty.code).toBe(1);
  expect(empty.notes.at(-1)).toContain('no model_<step>.pt');

  const ended = await runCommand(watch(), { onNote: (_, pressCtrlC) => pressCtrlC() });
  expect(ended).toMatchObject({ code: 130 });
  expect(ended.notes[0]).toContain('No checkpoint yet; waiting for the first');

  writeOther(100);
  symlinkSync(resolve(model), join(folder, 'model_000200.pt'));
  writeMeta(200, 0.75);
  // As the writer of a checkpoint leaves it for a while.
  writeFileSync(join(folder, 'model_000300.pt'), readFileSync(model).subarray(0, 100_000));
  const report = join(folder, 'report');
  let looks = 0;
  const run = await runCommand(watch('--json', '--output-dir', report), {
    onNote: (line, pressCtrlC) => {
      if (!line.includes('waiting for the next')) return;
      if (!line.startsWith('2 checkpoints')) pressCtrlC();
      else if (looks++ === 0) {
        rmSync(join(folder, 'model_000300.pt'));
        symlinkSync(resolve(model), join(folder, 'model_000300.pt'));
        writeMeta(300, 0.5);
      }
    },
  });
  expect(run.code, run.notes.join('\n')).toBe(0);
  expect(run.notes.join('\n')).toMatch(
    /^Step 300 was not read: files: no meta_000300\.json among/m,
  );
  const followed = JSON.parse(run.out) as FollowedRun;
  expect(followed.unread).toEqual([]);
  expect(followed.steps).toMatchObject([
    { step: 100, valBpb: 1.25 },
    { step: 200, valBpb: 0.75 },
    { step: 300, valBpb: 0.5 },
  ]);
  const [first, second, third] = followed.steps.map(({ fvu }) => fvu);
  expect(second).toBe(third);
  expect(first).toBeGreaterThan(second!);
  expect(followed.tokens.map(({ text }) => text).join('')).toBe('Once upon a time');
  // The last two are one model: whatever fires there was born by 200.
  const alive = followed.latents.filter(({ largest }) => largest > 0);
  expect(alive.length).toBeGreaterThan(3);
  for (const { cosines, born } of alive) {
    expect(cosines[1]).toBeCloseTo(1, 6);
    expect([100, 200]).toContain(born);
  }
  expect(alive.some(({ cosines }) => cosines[0]! < 0.99)).toBe(true);
  expect(JSON.parse(readFileSync(join(report, 'followed.json'), 'utf8'))).toEqual(followed);

  const told = await runCommand(watch('--once', '--top-k', '2'));
  expect(told.out).toMatch(
    /^step 100: val_bpb 1\.250, fvu [\d.]+, L0 \d+\.\d, \d+ features born$/m,
  );
  expect(told.out.match(/^feature \d+: born at (100|200); /gm)).toHaveLength(2);
});

it('trains a chain of SAEs, each from the one before, and reads each step with its own', async () => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
  cpSync(join(DEMO, 'tokenizer.pkl'), join(folder, 'tokenizer.pkl'));
  writeOther(100);
  symlinkSync(resolve(model), join(folder, 'model_000200.pt'));
  writeMeta(200, 0.75);
  const out = join(folder, 'chain');
  // The first link is there: it is not trained again.
  cpSync('public/demo/sae', join(out, 'step_100'), { recursive: true });
  const run = await runCommand(
    watch(
      ...['--chain', '--once', '--json', '--output-dir', out],
      ...['--data', writeShortText(folder), '--num-activations', '1024'],
    ),
  );
  expect(run.code, run.notes.join('\n')).toBe(0);
  expect(run.notes.some((line) => line.startsWith('Step 100 training'))).toBe(false);
  const { steps, latents } = JSON.parse(run.out) as FollowedRun;
  expect(steps.map(({ step }) => step)).toEqual([100, 200]);
  expect(new Set(steps.map(({ saeId }) => saeId)).size).toBe(2);
  // One step of training moves a direction a little: features kept their numbers.
  const moved = latents.map(({ decoderCosines }) => decoderCosines![0]!);
  expect(Math.min(...moved)).toBeGreaterThan(0.9);
  expect(Math.min(...moved)).toBeLessThan(1 - 1e-6);
});

// Rows of another tool as a training source: shapes with known factors, whose recovery is scored; and what is refused.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeRng } from '../../../src/core/numeric/rng';
import { formatSafetensors } from '../../../src/formats/archives/safetensors';
import { Sae } from '../../../src/library/nanoscope';
import { runCommand } from '../../helpers/engine/runCommand';

const folder = mkdtempSync(join(tmpdir(), 'nanoscope-rows-'));
afterAll(() => rmSync(folder, { recursive: true }));

const [FACTORS, WIDTH, ROWS] = [12, 16, 2048];

/** Each row is the sum of two of the factors. */
function makeRows() {
  const rng = makeRng(7);
  const factors = Array.from({ length: FACTORS }, () => {
    const direction = Float32Array.from({ length: WIDTH }, () => rng.normal());
    const norm = Math.hypot(...direction);
    return direction.map((value) => value / norm);
  });
  const data = new Float32Array(ROWS * WIDTH);
  for (let row = 0; row < ROWS; row++) {
    for (let part = 0; part < 2; part++) {
      const factor = factors[rng.below(FACTORS)]!;
      const size = 1 + rng.next();
      factor.forEach((value, i) => (data[row * WIDTH + i]! += size * value));
    }
  }
  return { factors, data };
}

function npy(shape: string, data: Float32Array, order = 'False'): Uint8Array {
  const text = `{'descr': '<f4', 'fortran_order': ${order}, 'shape': (${shape}), }`;
  const header = new TextEncoder().encode(`${text.padEnd(117)}\n`);
  const magic = [0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, header.length, 0];
  return Uint8Array.from([...magic, ...header, ...new Uint8Array(data.buffer)]);
}

const train = (file: string, ...rest: string[]) =>
  runCommand([
    ...['train', '--activations', join(folder, file), '--hook', 'blocks.3.hook_resid_post'],
    ...['--expansion-factor', '1', '--k', '2', '--batch-size', '256', '--num-activations', '40000'],
    ...['--output-dir', join(folder, 'out'), '--json', ...rest],
  ]);

it('finds the factors that the rows were made of, from either kind of file', async () => {
  const { factors, data } = makeRows();
  writeFileSync(join(folder, 'rows.npy'), npy(`${ROWS}, ${WIDTH}`, data));
  const tensors = [
    { name: 'rows', shape: [ROWS, WIDTH], data },
    { name: 'other', shape: [1], data: new Float32Array(1) },
  ];
  writeFileSync(join(folder, 'rows.safetensors'), formatSafetensors(tensors));
  const run = await train('rows.npy');
  expect(run, run.notes.join('\n')).toMatchObject({ code: 0 });
  const [made] = (JSON.parse(run.out) as { saes: { path: string; rows: number }[] }).saes;
  expect(made).toMatchObject({
    rows: ROWS,
    d_in: WIDTH,
    d_sae: WIDTH,
    hookPoint: 'blocks.3.hook_resid_post',
  });
  const { params } = await Sae.open(made!.path);
  const rowOf = (latent: number) => params.W_dec.subarray(latent * WIDTH, (latent + 1) * WIDTH);
  const cosines = factors.map((factor) =>
    Math.max(
      ...Array.from({ length: WIDTH }, (_, latent) =>
        rowOf(latent).reduce((sum, value, i) => sum + value * factor[i]!, 0),
      ),
    ),
  );
  expect(cosines.filter((cosine) => cosine > 0.9).length).toBeGreaterThanOrEqual(FACTORS - 2);

  expect((await train('rows.npy')).notes.at(-1)).toContain('is there already');
  const again = await train('rows.safetensors', '--tensor', 'rows', '--overwrite');
  expect(again.code).toBe(0);
  expect((await Sae.open(made!.path)).params).toEqual(params);
});

it.each([
  ['several.safetensors', [], 'has 2 matrices; name one of "other", "square"'],
  ['several.safetensors', ['--tensor', 'third'], 'has no tensor "third"'],
  ['several.safetensors', ['--tensor', 'flat'], 'is [4]; expected [rows, width]'],
  ['bad.npy', [], 'has the value NaN in row 1, column 0'],
  ['fortran.npy', [], 'is in Fortran order'],
  ['rows.csv', [], 'rows are read from .npy or .safetensors'],
  ['missing.npy', [], 'no such file'],
])('refuses %s %s', async (file, options, words) => {
  const flat = { name: 'flat', shape: [4], data: new Float32Array(4) };
  const square = { name: 'square', shape: [2, 2], data: new Float32Array(4) };
  const tensors = [flat, square, { ...square, name: 'other' }];
  writeFileSync(join(folder, 'several.safetensors'), formatSafetensors(tensors));
  writeFileSync(join(folder, 'bad.npy'), npy('2, 2', Float32Array.of(1, 2, NaN, 4)));
  writeFileSync(join(folder, 'fortran.npy'), npy('2, 2', new Float32Array(4), 'True'));
  writeFileSync(join(folder, 'rows.csv'), '1,2');
  const run = await train(file, ...options, '--overwrite');
  expect(run.code).toBe(1);
  expect(run.notes.at(-1)).toContain(words);
});

it('asks where the rows come from', async () => {
  const run = await runCommand(['train', '--activations', join(folder, 'rows.npy')]);
  expect(run.code).toBe(1);
  expect(run.notes.at(-1)).toContain('--hook is missing: it says where the rows come from');
});

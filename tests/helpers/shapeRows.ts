// Rows of another tool as a user drops them: sums of known directions, what they stand for, and their pictures.
import { makeRng } from '../../src/core/numeric/rng';
import type { ModelFile } from '../../src/engine/shared/api';

export const SHAPE_FACTORS = ['red circle', 'green square', 'blue triangle', 'orange star'];

/** `rows` rows of `width`, two factors in each; row i shows factors i and 1 + ⌊i / 4⌋ further on. The first directions
 *  are axes, so that an SAE finds them at once. */
export function shapeRows({ rows = 240, width = 8 } = {}): ModelFile[] {
  const rng = makeRng(3);
  const data = new Float32Array(rows * width);
  const lines: string[] = [];
  for (let row = 0; row < rows; row++) {
    const shown = [row % 4, (row + 1 + (Math.floor(row / 4) % 3)) % 4];
    for (const factor of shown) data[row * width + factor] = 2 + rng.next();
    for (let i = 0; i < width; i++) data[row * width + i]! += 0.01 * rng.normal();
    const names = shown.map((factor) => SHAPE_FACTORS[factor]);
    lines.push(
      JSON.stringify({
        row,
        kind: 'image',
        ref: `${shown.join('-')}.svg`,
        label: names.join(', '),
      }),
    );
  }
  const pictures = [0, 1, 2, 3].flatMap((a) =>
    [0, 1, 2, 3].map((b) => ({ path: `thumbs/${a}-${b}.svg`, blob: pictureOf(a, b) })),
  );
  return [
    { path: 'shapes/rows.npy', blob: npyBlob('<f4', [rows, width], new Uint8Array(data.buffer)) },
    { path: 'shapes/rows.jsonl', blob: new Blob([lines.join('\n')]) },
    ...pictures,
  ];
}

const COLOURS = ['crimson', 'seagreen', 'royalblue', 'orange'];

function pictureOf(a: number, b: number): Blob {
  const drawn = [a, b].map(
    (factor, i) => `<circle cx="${18 + 28 * i}" cy="32" r="12" fill="${COLOURS[factor]}"/>`,
  );
  return new Blob([
    `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64">${drawn.join('')}</svg>`,
  ]);
}

/** numpy.save's file, format 1. */
export function npyBlob(descr: string, shape: number[], values: Uint8Array<ArrayBuffer>): Blob {
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
  const header = new TextEncoder().encode(`${text.padEnd(117)}\n`);
  const magic = [0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, header.length, 0];
  return new Blob([Uint8Array.from(magic), header, values]);
}

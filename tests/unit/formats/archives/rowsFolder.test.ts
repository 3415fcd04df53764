// What a drop of rows may be, and how another is refused: the file, the field, both values.
import { expect, it } from 'vitest';
import { zipFiles } from '../../../../src/formats/archives/archive';
import { formatSafetensors } from '../../../../src/formats/archives/safetensors';
import {
  holdsRows,
  matricesOfDrop,
  readRowsFolder,
} from '../../../../src/formats/archives/rowsFolder';
import { npyBlob, shapeRows } from '../../../helpers/shapeRows';

const matrix = (shape: number[], descr = '<f4') => ({
  path: 'a/rows.npy',
  blob: npyBlob(descr, shape, new Uint8Array(4 * shape.reduce((n, size) => n * size, 1))),
});
const list = (...lines: object[]) => ({
  path: 'a/rows.jsonl',
  blob: new Blob([lines.map((line) => JSON.stringify(line)).join('\n')]),
});
const safetensorsBlob = (shapes: Record<string, number[]>) => {
  const tensors = Object.entries(shapes).map(([name, shape]) => {
    const data = new Float32Array(shape.reduce((n, size) => n * size, 1));
    return { name, shape, data };
  });
  return new Blob([formatSafetensors(tensors)]);
};
const refusal = async (...files: { path: string; blob: Blob }[]) =>
  readRowsFolder(files).then(
    () => 'opened',
    (cause: unknown) => (cause as Error).message,
  );

it('reads matrix, list and pictures, loose or in one zip, and the same again from what is kept', async () => {
  const dropped = shapeRows({ rows: 24 });
  const folder = await readRowsFolder(dropped);
  expect(folder).toMatchObject({ file: 'rows.npy', rows: 24, width: 8, tensor: null });
  expect(folder.listed.get(5)).toMatchObject({ kind: 'image', ref: '1-3.svg' });
  // A ref is found by the end of a path, and a picture has its type, without which no browser shows it.
  expect(folder.media.get('1-3.svg')?.type).toBe('image/svg+xml');
  const bytes = new Map<string, Uint8Array>();
  for (const { path, blob } of dropped) bytes.set(path, new Uint8Array(await blob.arrayBuffer()));
  const zip = { path: 'shapes.zip', blob: new Blob([zipFiles(bytes)]) };
  for (const again of [[zip], folder.files]) {
    const { data, listed, media } = await readRowsFolder(again);
    expect(data).toEqual(folder.data);
    expect(listed).toEqual(folder.listed);
    expect([...media.keys()]).toEqual([...folder.media.keys()]);
  }
});

it('tells rows from an SAE by what lies in a file', async () => {
  const rows = safetensorsBlob({ 'blocks.2.hook_resid_post': [3, 4] });
  const sae = safetensorsBlob({ W_enc: [4, 8], W_dec: [8, 4], b_enc: [8], b_dec: [4] });
  const path = 'x.safetensors';
  expect(await holdsRows([{ path, blob: rows }])).toBe(true);
  expect(await holdsRows([{ path, blob: sae }])).toBe(false);
  expect(await holdsRows([{ path, blob: new Blob(['broken']) }])).toBe(false);
  const zip = zipFiles(new Map([['in/rows.npy', new Uint8Array(3)]]));
  expect(await holdsRows([{ path: 'x.zip', blob: new Blob([zip]) }])).toBe(true);
  expect(await readRowsFolder([{ path, blob: rows }])).toMatchObject({
    rows: 3,
    tensor: 'blocks.2.hook_resid_post',
  });
});

it('refuses what does not fit, with the field and both values', async () => {
  expect(await refusal(matrix([4]))).toBe('a/rows.npy: it is [4]; expected [rows, width]');
  expect(await refusal(matrix([4, 2], '<i4'))).toMatch(/type <i4; supported are <f2, <f4 and <f8/);
  expect(await refusal(matrix([4, 2]), list({ row: 4, kind: 'text' }))).toBe(
    'a/rows.jsonl: line 1: row 4; the file has 0 to 3',
  );
  expect(await refusal(matrix([4, 2]), list({ row: 1, kind: 5 }))).toMatch(
    /line 1: kind: expected string, found 5/,
  );
  expect(await refusal(matrix([4, 2]), { ...matrix([4, 2]), path: 'b.npy' })).toMatch(
    /2 .npy or .safetensors files \("a\/rows.npy", "b.npy"\); drop one at a time/,
  );
  expect(await refusal(list({ row: 1, kind: 'text' }))).toMatch(/has no .npy or .safetensors/);
  const several = safetensorsBlob({ a: [3, 4], b: [3, 4] });
  expect(await refusal({ path: 'x.safetensors', blob: several })).toMatch(/name one of "a", "b"/);
  const lists = safetensorsBlob({ a: [3], b: [4] });
  expect(await refusal({ path: 'x.safetensors', blob: lists })).toBe(
    'x.safetensors: has no matrix: "a", "b"',
  );
  const ids = safetensorsBlob({ ids: [4] });
  expect(await refusal({ path: 'x.safetensors', blob: ids })).toBe(
    'x.safetensors: "ids" is [4]; expected [rows, width]',
  );
});

it('opens one matrix of several, and keeps it alone', async () => {
  const blob = safetensorsBlob({ ids: [5], a: [3, 4], b: [2, 6] });
  const file = { path: 'acts/x.safetensors', blob };
  expect(await matricesOfDrop([file])).toEqual([
    { tensor: 'a', rows: 3, width: 4 },
    { tensor: 'b', rows: 2, width: 6 },
  ]);
  const folder = await readRowsFolder([file], 'b');
  expect(folder).toMatchObject({ tensor: 'b', rows: 2, width: 6, file: 'x.safetensors' });
  const again = await readRowsFolder(folder.files);
  expect(again).toMatchObject({ tensor: 'b', rows: 2, width: 6 });
  expect(again.data).toEqual(folder.data);
  // Of one matrix beside lists there is nothing to choose.
  const one = await readRowsFolder([
    { path: 'x.safetensors', blob: safetensorsBlob({ ids: [5], a: [3, 4] }) },
  ]);
  expect(one.tensor).toBe('a');
  expect(await matricesOfDrop([{ path: 'x.npy', blob: new Blob(['broken']) }])).toEqual([]);
  expect(await matricesOfDrop([{ path: 'x.safetensors', blob: new Blob(['broken']) }])).toEqual([]);
});

import { expect, test } from 'vitest';
import { gridOf, preludesOf, workgroupGrid } from '../../../../src/gpu/device/defineKernel';
import { gridPart } from '../../../../src/gpu/kernels/parts';

test('grids stay within 65,535 workgroups a dimension and cover the count', () => {
  expect(workgroupGrid(1)).toEqual([1, 1, 1]);
  expect(workgroupGrid(32_768)).toEqual([32_768, 1, 1]);
  const [x, y] = workgroupGrid(65_536 * 3 + 1);
  expect(x * y).toBeGreaterThanOrEqual(65_536 * 3 + 1);
  expect(Math.max(x, y)).toBeLessThan(65_536);
});

test('a grid of threads has as many workgroups as hold them', () => {
  const grid = {
    counts: ['rows'],
    threads: (n: { rows: number; d: number }) => n.rows * n.d,
  } as const;
  expect(gridOf(grid, { rows: 16, d: 4, LANES: 64 })).toEqual([1, 1, 1]);
  expect(gridOf(grid, { rows: 13, d: 5, LANES: 64 })).toEqual([2, 1, 1]);
  expect(gridOf(grid, { rows: 13, d: 5, LANES: 8 })).toEqual([9, 1, 1]);
  expect(gridOf(grid, { rows: 0, d: 5, LANES: 8 })).toEqual([0, 0, 1]);
});

test('a grid of workgroups is folded where it is a number, and taken as it stands where it is three', () => {
  const rows = { workgroups: (n: { rows: number }) => n.rows };
  expect(gridOf(rows, { rows: 40_000, LANES: 64 })).toEqual([32_768, 2, 1]);
  const tiles = { workgroups: (n: { rows: number }) => [n.rows, 3, 1] as const };
  expect(gridOf(tiles, { rows: 40_000, LANES: 64 })).toEqual([40_000, 3, 1]);
});

test('preludes hold directives, the width for each adapter and the variant’s constants', () => {
  const kernel = { label: 'k', source: '', overrides: [], layout: {} };
  expect([...preludesOf({ ...kernel, lanes: 64 })]).toEqual([
    ['default', 'const LANES: u32 = 64u;\n'],
  ]);
  const variants = { one: { PARTS: 1, ON: true }, two: { PARTS: 2, ON: false } };
  const byAdapter = preludesOf({
    ...kernel,
    lanes: { gpu: 64, software: 8 },
    variants,
    directives: { one: '', two: 'enable f16;\n' },
  });
  expect([...byAdapter.keys()]).toEqual(['one, gpu', 'one, software', 'two, gpu', 'two, software']);
  expect(byAdapter.get('two, software')).toBe(
    'enable f16;\nconst LANES: u32 = 8u;\nconst SOFTWARE: bool = true;\nconst PARTS: u32 = 2u;\nconst ON: bool = false;\n',
  );
  const own = preludesOf({ ...kernel, variants: { wide: { LANES: 256 } } });
  expect(own.get('wide')).toBe('const LANES: u32 = 256u;\n');
  expect(() => preludesOf(kernel)).toThrow('k (default) without a number of lanes');
});

test('shaders that write indirect arguments fold them as dispatches are folded', () => {
  const [row] = workgroupGrid(1_000_000);
  expect(gridPart.source).toContain(`const GRID_ROW: u32 = ${row}u;`);
});

// The latent table's state in a link, apart from its search: brushed ranges, second sort key, chosen latents,
// an area of the map. Text and back; foreign numbers are clamped to the range of their column.
import type { Range } from '../numeric/crossfilter';

/** Columns that have a brush, by their key in a link. */
export const BRUSHED = ['density', 'maxact', 'kurt', 'birth'] as const;
export type Brushed = (typeof BRUSHED)[number];

/** Lowest and highest value that a column can hold. */
export const RANGE_BOUNDS: Readonly<Record<Brushed, readonly [number, number]>> = {
  density: [0, 1],
  maxact: [0, 1e9],
  kurt: [-2, 1e9],
  birth: [0, 1e9],
};

export const SORT_COLUMNS = [
  'starred',
  'index',
  'label',
  'score',
  'fireson',
  'density',
  'maxact',
  'meanact',
  'fires',
  'kurt',
  'birth',
  'cosine',
  'token',
  'state',
  'intext',
] as const;
export type SortColumn = (typeof SORT_COLUMNS)[number];
export type Sort = { column: SortColumn; descending: boolean };

export const LIST_VIEWS = ['cards', 'table', 'map', 'compare', 'training'] as const;
export type ListView = (typeof LIST_VIEWS)[number];

/** Columns of the table that it shows on request, in its order. */
export const EXTRA_COLUMNS = [
  'score',
  'fires',
  'meanact',
  'kurt',
  'cosine',
  'token',
  'birth',
  'state',
] as const;
export type ExtraColumn = (typeof EXTRA_COLUMNS)[number];

const MAP_KINDS = ['pca', 'umap'] as const;
export type MapKind = (typeof MAP_KINDS)[number];
/** A polygon on a map whose longer side runs from 0 to AREA_UNITS; x0, y0, x1, y1, … as whole numbers. */
export type MapArea = { kind: MapKind; corners: readonly number[] };

export const AREA_UNITS = 1000;
/** More corners than this make a link too long. */
export const MAX_CORNERS = 40;
/** interface.md 3 */
const MAX_CHOSEN = 50;

/** `-density` or `-density,maxact`: the second decides among equals of the first. */
export function parseSort(value: string): { sort: Sort; thenBy: Sort | null } | null {
  const parts = value.split(',');
  const [sort, thenBy = null] = parts.map(sortOf);
  if (parts.length > 2 || !sort || (parts.length === 2 && thenBy === null)) return null;
  return { sort, thenBy: thenBy?.column === sort.column ? null : thenBy };
}

function sortOf(value: string): Sort | null {
  const column = SORT_COLUMNS.find((name) => name === value.replace(/^-/, ''));
  return column === undefined ? null : { column, descending: value.startsWith('-') };
}

export function formatSort(sort: Sort, thenBy: Sort | null): string {
  const write = ({ column, descending }: Sort) => (descending ? '-' : '') + column;
  return thenBy === null ? write(sort) : `${write(sort)},${write(thenBy)}`;
}

/** `kurt,cosine`: in the table's order, without repeats. */
export function parseColumns(text: string): ExtraColumn[] | null {
  const names = text.split(',');
  const found = EXTRA_COLUMNS.filter((column) => names.includes(column));
  return found.length === new Set(names).size ? found : null;
}

/** `1e-5..1e-2`, `..3`, `0.2..`; reversed ends are swapped. Null: invalid. */
export function parseRange(text: string, [low, high]: readonly [number, number]): Range | null {
  const parts = text.split('..');
  const [first, second] = parts;
  if (parts.length !== 2 || first === undefined || second === undefined) return null;
  const from = first === '' ? null : finite(first);
  const to = second === '' ? null : finite(second);
  if (Number.isNaN(from) || Number.isNaN(to)) return null;
  const range = makeRange(from, to, [low, high]);
  if (range === null || range.from === null || range.to === null) return range;
  return range.from > range.to ? { from: range.to, to: range.from } : range;
}

/** Clamped; null if both ends are open. Ends stay as typed, even if reversed. */
export function makeRange(
  from: number | null,
  to: number | null,
  [low, high]: readonly [number, number],
): Range | null {
  const clamp = (value: number | null) =>
    value === null ? null : Math.max(low, Math.min(high, shortened(value)));
  const [a, b] = [clamp(from), clamp(to)];
  return a === null && b === null ? null : { from: a, to: b };
}

export function formatRange({ from, to }: Range): string {
  return `${from ?? ''}..${to ?? ''}`;
}

/** `pca:12,40,300,40,300,200`: three corners or more. */
export function parseArea(text: string): MapArea | null {
  const match = /^(pca|umap):(\d{1,6}(?:,\d{1,6})*)$/.exec(text);
  const kind = MAP_KINDS.find((known) => known === match?.[1]);
  if (kind === undefined || match?.[2] === undefined) return null;
  const corners = match[2].split(',').map((digits) => Math.min(AREA_UNITS, Number(digits)));
  const isPolygon = corners.length % 2 === 0 && corners.length >= 6;
  return isPolygon && corners.length <= 2 * MAX_CORNERS ? { kind, corners } : null;
}

export function formatArea({ kind, corners }: MapArea): string {
  return `${kind}:${corners.join(',')}`;
}

/** `3,17,240`: ascending, without repeats; the first MAX_CHOSEN of them. */
export function parseChosen(text: string, highest: number): number[] | null {
  if (!/^\d{1,7}(,\d{1,7})*$/.test(text)) return null;
  const indices = text.split(',').map(Number);
  if (indices.some((index) => index > highest)) return null;
  return [...new Set(indices)].slice(0, MAX_CHOSEN).sort((a, b) => a - b);
}

function finite(text: string): number {
  return /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(text) && Number.isFinite(Number(text))
    ? Number(text)
    : NaN;
}

/** 4 significant digits: what a link and a number box show. */
function shortened(value: number): number {
  return Number(value.toPrecision(4));
}

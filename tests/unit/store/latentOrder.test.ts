// Which latents the table shows, and in which order.
import { describe, expect, it } from 'vitest';
import { makeFirstFacts, type ExploreSlice } from '../../../src/store/facts';
import { livenessCounts, visibleRows } from '../../../src/store/latentOrder';
import { ROWS } from '../../helpers/engineDouble';

const base: ExploreSlice = {
  ...makeFirstFacts().explore,
  rows: { status: 'ready', value: ROWS },
};

function shown(change: Partial<ExploreSlice>): number[] {
  return visibleRows({ ...base, ...change }).map((row) => row.latentIndex);
}

describe('visibleRows', () => {
  it('sorts by any column, ties by index', () => {
    expect(shown({}).slice(0, 3)).toEqual([0, 1, 2]);
    expect(shown({ sort: { column: 'density', descending: true } }).slice(0, 2)).toEqual([18, 17]);
    expect(shown({ sort: { column: 'meanact', descending: false } }).slice(0, 3)).toEqual([
      19, 0, 1,
    ]);
    expect(shown({ sort: { column: 'token', descending: false } }).slice(0, 3)).toEqual([0, 1, 10]);
  });

  it('finds by index or by token, and by both at once', () => {
    expect(shown({ search: 'TOKEN7' })).toEqual([7]);
    const alike = ROWS.map((row) => ({ ...row, topToken: ' cat' }));
    const byIndex = shown({ search: ' 12 ', rows: { status: 'ready', value: alike } });
    expect(byIndex).toEqual([12]);
    // "1" is a latent and part of ten tokens
    expect(shown({ search: '1' })).toHaveLength(11);
  });

  it('keeps live or dead ones', () => {
    expect(shown({ liveness: 'dead' })).toEqual([19]);
    expect(shown({ liveness: 'live' })).toHaveLength(19);
    expect(livenessCounts(ROWS)).toEqual({ all: 20, live: 19, dead: 1 });
  });

  it('gives the same array for the same question', () => {
    expect(visibleRows(base)).toBe(visibleRows({ ...base }));
  });
});

// Which latents the table shows, and in which order.
import { describe, expect, it } from 'vitest';
import type { LatentNote } from '../../../../src/engine/statistics/api';
import { makeFirstState } from '../../../../src/store/state';
import type { ExploreState } from '../../../../src/store/explore/exploreState';
import {
  brushCounts,
  livenessCounts,
  visibleRows,
  type TableState,
} from '../../../../src/store/explore/latentOrder';
import {
  FIRST_TEXT_SEARCH,
  NO_FILTER,
  NO_RANGES,
  filterCount,
  type TableFilter,
} from '../../../../src/store/explore/tableFilter';
import { ROWS } from '../../../helpers/engine/engineDouble';

const base: ExploreState = {
  ...makeFirstState().explore,
  rows: { status: 'ready', value: ROWS },
};

const NOTES: Readonly<Record<number, LatentNote>> = {};

function table(change: Partial<ExploreState> = {}, byLatent = NOTES): TableState {
  return {
    explore: { ...base, ...change },
    statistics: { notes: { byLatent }, labels: { guesses: null } },
  };
}

function shown(change: Partial<ExploreState>, byLatent = NOTES): number[] {
  return visibleRows(table(change, byLatent)).map((row) => row.latentIndex);
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
    expect(shown({ search: 'WORD7' })).toEqual([7]);
    const alike = ROWS.map((row) => ({ ...row, firesOn: ['cat'] }));
    const byIndex = shown({ search: ' 12 ', rows: { status: 'ready', value: alike } });
    expect(byIndex).toEqual([12]);
    // "1" is a latent and part of nine words; the dead one fires on none
    expect(shown({ search: '1' })).toHaveLength(10);
    // What a feature promotes does not name it.
    expect(shown({ search: 'token7' })).toEqual([]);
  });

  it('keeps live or dead ones', () => {
    expect(shown({ liveness: 'dead' })).toEqual([19]);
    expect(shown({ liveness: 'live' })).toHaveLength(19);
    expect(livenessCounts(ROWS)).toEqual({ all: 20, live: 19, dead: 1, on: 0 });
    const always = ROWS.map((row) => ({ ...row, isAlwaysOn: row.latentIndex === 7 }));
    expect(livenessCounts(always).on).toBe(1);
    expect(shown({ liveness: 'on', rows: { status: 'ready', value: always } })).toEqual([7]);
  });

  it('gives the same array for the same question', () => {
    expect(visibleRows(table())).toBe(visibleRows(table()));
  });

  it('sorts by a second key where the first sees no difference; the unknown stands last', () => {
    const value = ROWS.map((row) => ({
      ...row,
      topToken: row.latentIndex % 2 === 0 ? ' even' : ' odd',
      kurtosis: row.latentIndex === 4 ? null : row.kurtosis,
    }));
    const rows = { status: 'ready' as const, value };
    const sort = { column: 'token' as const, descending: false };
    const thenBy = { column: 'density' as const, descending: true };
    expect(shown({ rows, sort, thenBy }).slice(0, 3)).toEqual([18, 16, 14]);
    expect(shown({ rows, sort, thenBy }).slice(10, 12)).toEqual([17, 15]);
    for (const descending of [true, false]) {
      // 19 is dead, 4 unknown
      const order = shown({ rows, sort: { column: 'kurt', descending } });
      expect(order.slice(-2)).toEqual([4, 19]);
    }
  });

  it('finds labels and notes, and keeps starred ones', () => {
    const note = { label: '', note: '', tags: [], isStarred: false };
    const notes = {
      3: { ...note, latentIndex: 3, label: 'Cats', isStarred: true },
      5: { ...note, latentIndex: 5, note: 'perhaps a CAT' },
    };
    expect(shown({ search: 'cat' }, notes)).toEqual([3, 5]);
    expect(shown({ filter: { ...NO_FILTER, starredOnly: true } }, notes)).toEqual([3]);
    expect(shown({ sort: { column: 'label', descending: false } }, notes)[0]).toBe(3);
    expect(shown({ sort: { column: 'fireson', descending: false } }).slice(0, 3)).toEqual([
      0, 1, 10,
    ]);
  });

  it('keeps chosen ones, and those in an area of the map once it is there', () => {
    expect(shown({ filter: { ...NO_FILTER, chosen: [8, 2] } })).toEqual([2, 8]);
    const corners = [0, 0, 500, 0, 500, 1000, 0, 1000];
    const filter: TableFilter = { ...NO_FILTER, area: { kind: 'pca', corners } };
    expect(shown({ filter })).toHaveLength(20);
    const value = Float32Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? i / 40 : 0.5));
    const maps = { ...base.maps, pca: { status: 'ready' as const, value } };
    expect(shown({ filter, maps })).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('keeps the live ones of a cluster once clusters are there', () => {
    const filter: TableFilter = { ...NO_FILTER, cluster: 2 };
    expect(shown({ filter })).toHaveLength(20);
    const value = Uint8Array.from(ROWS, (_, i) => (i > 16 ? 2 : 1));
    expect(shown({ filter, clusters: { status: 'ready', value } })).toEqual([17, 18]);
    expect(filterCount(filter)).toBe(1);
  });
});

describe('brushes', () => {
  const within = (ranges: Partial<TableFilter['ranges']>): Partial<ExploreState> => ({
    filter: { ...NO_FILTER, ranges: { ...NO_RANGES, ...ranges } },
  });

  it('keep rows inside all ranges, ends included; a dead latent has no activation to be in one', () => {
    // density = (i + 1) / 1000, maxAct = 40 − i
    expect(shown(within({ density: { from: 0.003, to: 0.005 } }))).toEqual([2, 3, 4]);
    expect(shown(within({ maxact: { from: null, to: 23 } }))).toEqual([17, 18]);
    const both = within({ density: { from: null, to: 0.004 }, maxact: { from: null, to: 38 } });
    expect(shown(both)).toEqual([2, 3]);
  });

  it('count, per histogram, what passes the others', () => {
    const sum = (counts: Uint32Array) => counts.reduce((total, count) => total + count, 0);
    const open = brushCounts(table());
    // 19 is dead: log10 of its density is nowhere, it has no activation
    expect([sum(open.density), sum(open.maxact), sum(open.kurt)]).toEqual([19, 19, 19]);
    const counts = brushCounts(table(within({ density: { from: 0.001, to: 0.004 } })));
    expect([sum(counts.density), sum(counts.maxact), sum(counts.kurt)]).toEqual([19, 4, 4]);
  });

  it('are answered from columns: a drag reads no row again', () => {
    let reads = 0;
    const value = ROWS.map((row) => {
      const counted = { ...row };
      for (const key of ['density', 'maxAct', 'kurtosis', 'fireCount', 'topToken'] as const) {
        Object.defineProperty(counted, key, {
          get: () => {
            reads++;
            return row[key];
          },
        });
      }
      return counted;
    });
    const rows = { status: 'ready' as const, value };
    visibleRows(table({ rows }));
    expect(reads).toBeGreaterThan(ROWS.length);
    reads = 0;
    for (let i = 0; i < 8; i++) {
      const facts = table({ rows, ...within({ density: { from: 0.001 * i, to: 0.05 } }) });
      brushCounts(facts);
      expect(visibleRows(facts).length).toBeGreaterThan(1);
    }
    expect(reads).toBe(0);
  });
});

describe('a text', () => {
  const tokens = ['a', 'b'].map((text, tokenId) => ({ tokenId, text, isSpecial: false }));
  const value = {
    tokens,
    leftOut: 0,
    saes: [
      {
        saeId: 'x',
        tokens: [
          [
            { latentIndex: 9, act: 5 },
            { latentIndex: 11, act: 1 },
          ],
          [{ latentIndex: 11, act: 2 }],
        ],
        latents: [
          { latentIndex: 9, maxAct: 5, meanAct: 5, fires: 1, peak: 0 },
          { latentIndex: 11, maxAct: 2, meanAct: 1.5, fires: 2, peak: 1 },
        ],
      },
    ],
  };
  const found = { status: 'ready' as const, saeId: 'x', text: 'ab', value };
  const asked = (change: Partial<ExploreState['textSearch']>): Partial<ExploreState> => ({
    filter: { ...NO_FILTER, inText: true },
    sort: { column: 'intext', descending: true },
    textSearch: { ...FIRST_TEXT_SEARCH, found, hidesDense: false, ...change },
  });

  it('keeps the latents that it wakes, ranked over all of it or by one token', () => {
    expect(shown(asked({}))).toEqual([9, 11]);
    expect(shown(asked({ rank: 'count' }))).toEqual([11, 9]);
    expect(shown(asked({ token: 1 }))).toEqual([11]);
    expect(shown({ ...asked({}), filter: NO_FILTER })).toHaveLength(20);
  });

  it('leaves out what fires on more than 1 % of everything', () => {
    // latents 9 and 11: densities 0.01 and 0.012
    expect(shown(asked({ hidesDense: true }))).toEqual([9]);
  });

  it('is one of the things that narrow the table', () => {
    expect(filterCount(NO_FILTER)).toBe(0);
    expect(filterCount({ ...NO_FILTER, inText: true, chosen: [1] })).toBe(2);
  });
});

// What the map shows of clusters: members, sizes, tokens, colours.
import { expect, it } from 'vitest';
import { clusterEntries, rowClusters } from '../../../../src/store/explore/clusterView';
import { clusterColours } from '../../../../src/store/explore/mapView';
import { ROWS } from '../../../helpers/engine/engineDouble';

// The last row is dead; 15 … 18 are in cluster 3, nobody is in 2.
const CLUSTERS = Uint8Array.from(ROWS, (_, i) => (i < 15 ? 1 : 3));
function wordsOf(i: number): string[] {
  if (i === 16) return [];
  if (i % 3 === 0) return ['cat', 'other'];
  return i < 5 ? ['dog'] : ['emu'];
}
const rows = ROWS.map((row, i) => ({ ...row, firesOn: wordsOf(i) }));

it('gives dead ones to no cluster', () => {
  const clusterOf = rowClusters(rows, CLUSTERS);
  expect([...(clusterOf ?? [])].slice(13)).toEqual([1, 1, 3, 3, 3, 3, 0]);
  expect(rowClusters(rows, null)).toBeNull();
});

it('tells size and the commonest words, and leaves out what is empty', () => {
  expect(clusterEntries(rows, rowClusters(rows, CLUSTERS) ?? new Uint8Array())).toEqual([
    { cluster: 1, size: 15, words: ['emu', 'cat', 'dog'] },
    { cluster: 3, size: 4, words: ['cat', 'emu'] },
  ]);
});

it('colours by cluster; 255 without one', () => {
  expect([...clusterColours(rows, rowClusters(rows, CLUSTERS))].slice(14)).toEqual([
    ...[0, 2, 2, 2, 2, 255],
  ]);
  expect(new Set(clusterColours(rows, null))).toEqual(new Set([255]));
});

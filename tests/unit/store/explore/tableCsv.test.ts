import { expect, it } from 'vitest';
import type { LatentRow } from '../../../../src/engine/statistics/api';
import { tableCsv } from '../../../../src/store/explore/tableCsv';

const FACTS = { notes: new Map(), guesses: null, found: null };

const row = (topToken: string): LatentRow => ({
  latentIndex: 3,
  density: 0.25,
  fireCount: 10,
  maxAct: 2,
  meanAct: 1,
  kurtosis: -1.5,
  isAlwaysOn: true,
  neighbourCosine: null,
  neighbourIndex: null,
  firesOn: [],
  topToken,
});

it('writes no text that a spreadsheet would run as a formula, and leaves numbers alone (7.33)', () => {
  const cell = (topToken: string) => {
    const [, line = ''] = tableCsv([row(topToken)], FACTS).split('\r\n');
    return line.replace('3,0.25,10,2,1,-1.5,,,', '').replace(',dense,never fired,', '');
  };
  expect(['=1+1', '+1', '-', '@a', '\tx'].map(cell)).toEqual(["'=1+1", "'+1", "'-", "'@a", "'\tx"]);
  expect([' -', 'a=b', '"q"'].map(cell)).toEqual(['" -"', 'a=b', '"""q"""']);
});

it('begins with the mark that tells spreadsheets it is UTF-8 (7.33)', () => {
  expect(tableCsv([row('é')], FACTS).startsWith('\uFEFFindex,density')).toBe(true);
});

// Rows in the place of a text: what is held out, and what a sequence of them is.
import { expect, it } from 'vitest';
import { openRowsCorpus } from '../../../../src/engine/text/rowsCorpus';
import { makeRowsTokenizer } from '../../../../src/model/rowsRuntime';

const ROWS = 400;

/** Neighbours share a document. */
function documentAt(row: number, documents: number): number {
  return Math.floor((row * documents) / ROWS);
}

function corpusOf(documents: number, rows = ROWS) {
  const documentOf = (row: number) => `document ${documentAt(row, documents)}`;
  const about = { id: 'rows~1', name: 'rows', rows, documentOf };
  return openRowsCorpus({ ...about, describe: (row) => ({ row }), nameOf: documentOf });
}

async function rowsOf(documents: number, split: 'train' | 'heldOut', epoch = 0) {
  const tokenizer = makeRowsTokenizer(ROWS, String);
  const packed = await corpusOf(documents).pack(tokenizer, split, {
    contextSize: 256,
    seed: 1,
    epoch,
  });
  expect(packed.contextSize).toBe(2);
  return Array.from({ length: packed.count }, (_, i) => {
    const [mark, row = -1] = packed.sequence(i);
    expect(tokenizer.isSpecial(mark ?? -1)).toBe(true);
    expect([...packed.countedPositions(i)]).toEqual([1]);
    return row;
  });
}

it('hold out whole documents where there are many, else every tenth row', async () => {
  const heldOut = await rowsOf(200, 'heldOut');
  const train = await rowsOf(200, 'train');
  expect([...heldOut, ...train].sort((a, b) => a - b)).toEqual([...Array(ROWS).keys()]);
  const documents = new Set(heldOut.map((row) => documentAt(row, 200)));
  expect(documents.size).toBeGreaterThanOrEqual(10);
  expect(train.some((row) => documents.has(documentAt(row, 200)))).toBe(false);
  expect(await rowsOf(3, 'heldOut')).toHaveLength(ROWS / 10);
});

it('come in another order each time they are passed over', async () => {
  const [first, second] = [await rowsOf(200, 'train', 0), await rowsOf(200, 'train', 1)];
  expect(second).not.toEqual(first);
  expect(await rowsOf(200, 'train', 1)).toEqual(second);
});

it('of one row refuse to be trained on', () => {
  expect(() => corpusOf(1, 1).checkLength(2)).toThrow('rows: 1; training needs 2 or more');
  expect(() => corpusOf(1, 2).checkLength(2)).not.toThrow();
});

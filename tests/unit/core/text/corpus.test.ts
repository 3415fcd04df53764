import { describe, expect, it } from 'vitest';
import {
  countedPositions,
  packSequences,
  splitDocuments,
  splitFewDocuments,
  type PackOptions,
} from '../../../../src/core/text/corpus';

const BOS = 99;
const DOCS = [[1, 2, 3], [4], [], [5, 6, 7, 8, 9], [10, 11]];
const pack = (o: Partial<PackOptions> = {}, docs = DOCS) =>
  packSequences(docs, { bos: BOS, contextSize: 4, seed: 1, epoch: 0, ...o });

describe('splitDocuments', () => {
  const docs = Array.from({ length: 5000 }, (_, i) => `document ${i}`);

  it('holds out about the fraction asked for', () => {
    const { train, heldOut } = splitDocuments(docs);
    expect(train.length + heldOut.length).toBe(5000);
    expect(Math.abs(heldOut.length - 500)).toBeLessThan(64); // 3 standard deviations
    expect(splitDocuments(docs, 0).heldOut).toEqual([]);
    expect(splitDocuments(docs, 1).train).toEqual([]);
  });

  it('keeps each document on its side, whatever stands around it', () => {
    const held = new Set(splitDocuments(docs).heldOut);
    const { train, heldOut } = splitDocuments([...docs].reverse().concat('something new'));
    expect(heldOut.filter((doc) => doc !== 'something new').every((doc) => held.has(doc))).toBe(
      true,
    );
    expect(train.some((doc) => held.has(doc))).toBe(false);
  });

  it('puts a repeated document on one side only', () => {
    const twice = splitDocuments(docs.concat(docs));
    const train = new Set(twice.train);
    expect(twice.heldOut.some((doc) => train.has(doc))).toBe(false);
  });

  it('is the same split for ever', () => {
    expect(splitDocuments(docs.slice(0, 40)).heldOut).toMatchInlineSnapshot(`
      [
        "document 7",
        "document 15",
        "document 30",
      ]
    `);
  });
});

describe('packSequences', () => {
  /** Documents of a stream, in the order of their beginnings. */
  const documents = (stream: number[]) =>
    stream
      .join(' ')
      .split(`${BOS}`)
      .slice(1)
      .map((text) => text.trim());

  const rowsOf = ({ sequences }: { sequences: Int32Array }, contextSize: number) =>
    Array.from({ length: sequences.length / contextSize }, (_, i) => [
      ...sequences.subarray(i * contextSize, (i + 1) * contextSize),
    ]);

  it('begins every sequence with bos, and a document with one, never with two (7.11)', () => {
    for (const contextSize of [2, 3, 4, 5, 7]) {
      const packed = pack({ contextSize });
      const rows = rowsOf(packed, contextSize);
      expect(rows.map(([first]) => first)).toEqual(rows.map(() => BOS));
      const own = [...packed.sequences].filter((_, i) => i % contextSize !== 0);
      // One document is empty: its bos may stand beside another's.
      const pairs = own.filter((id, i) => id === BOS && own[i + 1] === BOS);
      expect(pairs.length, `of ${contextSize}`).toBeLessThanOrEqual(1);
    }
    expect(rowsOf(pack({ contextSize: 4, seed: 1 }, [[1, 2, 3, 4, 5]]), 4)).toEqual([
      [BOS, 1, 2, 3],
    ]);
    expect(rowsOf(pack({}, [[1, 2, 3, 4, 5, 6]]), 4)).toEqual([
      [BOS, 1, 2, 3],
      [BOS, 4, 5, 6],
    ]);
    expect(
      rowsOf(
        pack({}, [
          [1, 2, 3],
          [1, 2, 3],
        ]),
        4,
      ),
    ).toEqual([
      [BOS, 1, 2, 3],
      [BOS, 1, 2, 3],
    ]);
  });

  it('keeps every token of the text, in order, up to the last partial sequence (7.11)', () => {
    const told = ({ sequences }: { sequences: Int32Array }) =>
      [...sequences].filter((id) => id !== BOS);
    const all = told(pack({ contextSize: 4, prependBos: false }));
    const led = told(pack());
    expect(led.length).toBeGreaterThan(all.length - 4);
    expect(led).toEqual(all.slice(0, led.length));
  });

  it('packs as earlier runs did where asked: bos before documents only (7.11)', () => {
    // 11 tokens and 5 times bos: exactly 4 sequences of 4.
    const { sequences, count } = pack({ prependBos: false });
    expect([sequences.length, count]).toEqual([16, 4]);
    expect(documents([...sequences]).sort()).toEqual(['', '1 2 3', '10 11', '4', '5 6 7 8 9']);
  });

  it('drops the last partial sequence', () => {
    const whole = [...pack({ prependBos: false }).sequences];
    const { sequences, count } = pack({ contextSize: 5, prependBos: false });
    expect(count).toBe(3);
    expect([...sequences]).toEqual(whole.slice(0, 15));
    for (const prependBos of [true, false]) {
      const none = { sequences: new Int32Array(), count: 0 };
      expect(pack({ contextSize: 17, prependBos })).toEqual(none);
      expect(pack({ prependBos }, [])).toEqual(none);
    }
  });

  it('orders documents by seed and epoch alone', () => {
    const order = (o: object) =>
      documents([...pack({ ...o, prependBos: false }).sequences]).join('|');
    expect(order({ seed: 3 })).toBe(order({ seed: 3 }));
    const orders = [0, 1, 2, 3, 4, 5].map((epoch) => order({ seed: 3, epoch }));
    expect(new Set(orders).size).toBeGreaterThan(3);
    expect(
      order({ seed: 4 }) === order({ seed: 3 }) && order({ seed: 5 }) === order({ seed: 3 }),
    ).toBe(false);
  });

  it('takes typed arrays as well and refuses a context of one', () => {
    const typed = DOCS.map((doc) => Int32Array.from(doc));
    expect(packSequences(typed, { bos: BOS, contextSize: 4, seed: 1, epoch: 0 })).toEqual(pack());
    expect(() => pack({ contextSize: 1 })).toThrow('contextSize must be a whole number from 2: 1');
  });
});

describe('countedPositions', () => {
  it('lists what is not special', () => {
    const sequences = Int32Array.of(BOS, 4, BOS, BOS, 5, 6);
    expect([...countedPositions(sequences, (id) => id === BOS)]).toEqual([1, 4, 5]);
  });
});

describe('splitFewDocuments', () => {
  const few = Array.from({ length: 6 }, (_, i) => `document ${i} of a small text `.repeat(10));
  const characters = (docs: string[]) => docs.reduce((sum, doc) => sum + doc.length, 0);

  it('is the usual split where that leaves enough on both sides', () => {
    const many = Array.from({ length: 500 }, (_, i) => `document ${i} `.repeat(20));
    expect(splitFewDocuments(many)).toEqual({ ...splitDocuments(many), isUsual: true });
  });

  it('moves no document when others are added, once enough is held out', () => {
    const all = Array.from({ length: 300 }, (_, i) => `document ${i} `.repeat(40));
    let heldBefore: string[] | null = null;
    for (let count = 1; count <= all.length; count++) {
      const split = splitFewDocuments(all.slice(0, count));
      if (heldBefore !== null) {
        expect(split.isUsual).toBe(true);
        expect(split.heldOut.slice(0, heldBefore.length)).toEqual(heldBefore);
      }
      if (split.isUsual) heldBefore = split.heldOut;
    }
    expect(heldBefore?.length).toBeGreaterThan(15);
  });

  it('always holds out a part, and leaves a part to train on', () => {
    for (let shift = 0; shift < 40; shift++) {
      const docs = few.map((doc) => `${shift}${doc}`);
      const { train, heldOut } = splitFewDocuments(docs);
      expect([...train, ...heldOut].sort()).toEqual([...docs].sort());
      expect(characters(heldOut)).toBeGreaterThanOrEqual(0.05 * characters(docs));
      expect(train.length).toBeGreaterThan(0);
    }
    const two = splitFewDocuments(['one', 'another']);
    expect([two.train.length, two.heldOut.length]).toEqual([1, 1]);
  });

  it('never puts a repeated document on both sides', () => {
    const { train, heldOut } = splitFewDocuments([...few, ...few, ...few]);
    expect(train.filter((doc) => heldOut.includes(doc))).toEqual([]);
    expect(heldOut.length).toBeGreaterThan(0);
    expect(splitFewDocuments(['same', 'same']).heldOut).toEqual([]);
  });
});

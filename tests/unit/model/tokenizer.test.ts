import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseJsonl } from '../../../src/formats/text/corpus';
import { parseTokenizerPickle } from '../../../src/formats/model/tokenizerPickle';
import type { TokenizerFile } from '../../../src/formats/model/tokenizerPickle';
import { growthByFour } from '../../helpers/growth';
import { makeTokenizer } from '../../../src/model/tokenizer';
import type { Tokenizer } from '../../../src/model/tokenizer';

type Golden = { text: string; ids: number[] };
const readGoldens = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Golden[];

let file: TokenizerFile;
let demo: Tokenizer;
beforeAll(() => {
  file = parseTokenizerPickle(readFileSync('public/demo/nanochat-d4/tokenizer.pkl'), 't.pkl');
  demo = makeTokenizer(file);
});

describe('encodeOrdinary', () => {
  it.each([
    'tests/fixtures/goldens/golden_tokenizer.json',
    'tests/fixtures/formats/tokenizer_random.json',
  ])('equals tiktoken on %s', (path) => {
    for (const { text, ids } of readGoldens(path)) {
      expect(demo.encodeOrdinary(text), JSON.stringify(text)).toEqual(ids);
    }
  });

  it('equals tiktoken on the whole corpus', () => {
    const docs = parseJsonl(readFileSync('public/demo/corpus.jsonl', 'utf8'));
    const fresh = makeTokenizer(file);
    const encoded = docs.map((doc) => Int32Array.from(fresh.encodeOrdinary(doc)));
    const hash = createHash('sha256');
    for (const ids of encoded) hash.update(ids);
    // sha256 over the ids as int32, by tiktoken 0.14.0 in Python.
    expect(hash.digest('hex')).toBe(
      '29843562aab9d7860a598bae1c82e6caca1630b74aa1e8b9c0860bc494f0b348',
    );
    expect(encoded.reduce((sum, ids) => sum + ids.length, 0)).toBe(437_507);
  });

  it.each(['a', 'ab', ' ', 'the', '\n', '=-', 'é', '💡', '7'])(
    'reads %j repeated to 100,000 characters, with work that grows as the text does',
    (unit) => {
      const repeated = (length: number) => unit.repeat(Math.ceil(length / unit.length));
      const text = repeated(100_000);
      expect(demo.decode(demo.encodeOrdinary(text))).toBe(text);
      const growth = growthByFour((size) => void demo.encodeOrdinary(repeated(size)), 25_000);
      expect(growth).toBeLessThan(9);
    },
  );

  it('never makes a special token of text', () => {
    const text = [...file.specialTokens.keys()].join('');
    const ids = demo.encodeOrdinary(text);
    expect(ids.some(demo.isSpecial)).toBe(false);
    expect(demo.decode(ids)).toBe(text);
  });

  it('gives the same ids again from what it remembers', () => {
    const text = "Hello wörld, it's   1234 o'clock";
    const first = demo.encodeOrdinary(text);
    first.push(-1);
    expect(demo.encodeOrdinary(text)).toEqual(first.slice(0, -1));
  });
});

describe('decoding', () => {
  it('brings any text back', () => {
    const roundTrip = fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      expect(demo.decode(demo.encodeOrdinary(text))).toBe(text);
    });
    fc.assert(roundTrip, { numRuns: 80, seed: 1 });
  });

  it('keeps a byte order mark and shows special tokens by name', () => {
    expect(demo.decode(demo.encodeOrdinary('\uFEFFx'))).toBe('\uFEFFx');
    expect(demo.decode([demo.specialTokenId('<|bos|>'), 97])).toBe('<|bos|>a');
  });

  it('gives each token the text it completes, and never changes a text once given', () => {
    const text = 'Zoë 💡 says “hi” — 你好!';
    const ids = demo.encodeOrdinary(text);
    const whole = demo.decodeTokens(ids);
    expect(whole.join('')).toBe(text);
    expect(whole.length).toBe(ids.length);
    for (let n = 0; n < ids.length; n++) {
      expect(demo.decodeTokens(ids.slice(0, n))).toEqual(whole.slice(0, n));
    }
  });

  it('holds back a character that is not complete', () => {
    const [first, second, third] = [0xe2, 0x80, 0x93];
    expect(demo.decodeTokens([97, first, second])).toEqual(['a', '', '']);
    expect(demo.decodeTokens([97, first, second, third])).toEqual(['a', '', '', '–']);
    expect(demo.decodeTokens([first, 97])).toEqual(['', '\uFFFDa']);
    expect(demo.decode([97, first, second])).toBe('a\uFFFD');
  });
});

describe('tokens one by one', () => {
  it('have bytes and a printable text', () => {
    expect(demo.vocabSize).toBe(4096);
    expect([...demo.tokenBytes(97)]).toEqual([97]);
    expect(demo.tokenText(0xe2)).toBe('⟨E2⟩');
    expect(demo.tokenText(4086)).toBe(' wings');
    expect(demo.tokenText(4087)).toBe('<|bos|>');
    for (let id = 0; id < demo.vocabSize; id++)
      expect(demo.tokenText(id)).not.toMatch(/[\uFFFD\0]/);
  });

  it('tell special from ordinary and refuse what there is not', () => {
    expect(demo.specialTokenId('<|assistant_end|>')).toBe(4091);
    expect([4086, 4087, 4095].map(demo.isSpecial)).toEqual([false, true, true]);
    expect(() => demo.tokenBytes(4096)).toThrow('token id must be one of 0 to 4095: 4096');
    expect(() => demo.tokenText(-1)).toThrow(RangeError);
    expect(() => demo.specialTokenId('<|pad|>')).toThrow('special token <|pad|>');
  });
});

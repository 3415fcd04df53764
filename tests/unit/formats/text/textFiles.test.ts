import { describe, expect, it } from 'vitest';
import { FormatError } from '../../../../src/core/errors';
import {
  PLAIN_PIECE,
  readPastedText,
  readTextFiles,
  type TextFile,
} from '../../../../src/formats/text/textFiles';

const file = (path: string, ...content: BlobPart[]): TextFile => ({
  path,
  blob: new Blob(content),
});
const read = async (files: TextFile[], field = 'text') => readTextFiles(files, { field });
const documentsOf = async (files: TextFile[], field?: string) =>
  (await read(files, field)).documents;

describe('plain text', () => {
  it('is one document a file, parted by form feeds and <|endoftext|> lines', async () => {
    expect(
      await documentsOf([file('b.md', '# Two\n\ntext'), file('a.txt', 'one\r\n\r\nmore')]),
    ).toEqual(['one\n\nmore\n', '# Two\n\ntext\n']);
    const parted = 'first\n<|endoftext|>\nsecond\fthird\n<|endoftext|>\n \n';
    expect(await documentsOf([file('a.txt', parted)])).toEqual(['first\n', 'second', 'third\n']);
    expect((await readPastedText(`\uFEFF${parted}`)).documents).toEqual([
      'first\n',
      'second',
      'third\n',
    ]);
  });

  it('is the same pasted or as a file', async () => {
    for (const text of ['a', 'a\n', 'a\r\nb', '\n\na\f']) {
      const pasted = await readPastedText(text);
      expect(pasted).toEqual(await read([file('a.txt', text)]));
    }
  });

  it('cuts a long document at line ends, and loses nothing', async () => {
    const lines = Array.from({ length: 400 }, (_, i) => `line ${i} ${'x'.repeat(i % 60)}\n`);
    const documents = await documentsOf([file('book.txt', lines.join(''))]);
    expect(documents.join('')).toBe(lines.join(''));
    expect(documents.length).toBeGreaterThan(3);
    expect(documents.every((doc) => doc.length <= PLAIN_PIECE && doc.endsWith('\n'))).toBe(true);
  });

  it('cuts a line without end at spaces, and no character in two', async () => {
    const words = 'word '.repeat(3000);
    const spaced = await documentsOf([file('a.txt', words)]);
    expect(spaced.join('')).toBe(`${words}\n`);
    expect(spaced.slice(0, -1).every((doc) => doc.endsWith(' '))).toBe(true);
    const faces = `x${'🙂'.repeat(5000)}`;
    const cut = await documentsOf([file('a.txt', faces)]);
    expect(cut.join('')).toBe(`${faces}\n`);
    expect(cut.every((doc) => /^x?(🙂)+\n?$/u.test(doc))).toBe(true);
  });

  it('joins characters that lie across two portions of a file', async () => {
    const text = `x${'é'.repeat(700_000)}`; // 1.4 MB: the 1 MiB border halves a character
    expect((await documentsOf([file('a.txt', text)])).join('')).toBe(`${text}\n`);
  });

  it('refuses what is no UTF-8', async () => {
    const broken = read([file('old.txt', new Uint8Array([0x63, 0x61, 0x66, 0xe9, 0x0a]))]);
    await expect(broken).rejects.toThrow(FormatError);
    await expect(broken).rejects.toThrow('old.txt: not UTF-8 text');
  });

  it('refuses a blank paste', async () => {
    await expect(readPastedText(' \n\f\n')).rejects.toThrow(FormatError);
  });
});

describe('JSON Lines', () => {
  it('takes the chosen field, line by line', async () => {
    const lines = '{"text":"a","body":"x"}\n\n{"text":"b\\n","body":"y"}';
    expect(await documentsOf([file('a.jsonl', lines)])).toEqual(['a', 'b\n']);
    expect(await documentsOf([file('a.jsonl', lines)], 'body')).toEqual(['x', 'y']);
  });

  it.each([
    [
      '{"body":"x","n":1}',
      'text',
      'a.jsonl: line 1 has no text under "text" (its keys: "body", "n")',
    ],
    ['{"text":"a"}\n{"text":3}', 'text', 'line 2 has no text under "text"'],
    ['{"text":"a"}\n{"text":', 'text', 'line 2 is not JSON'],
    ['{"text":"a"}', '__proto__', 'no text under "__proto__"'],
  ])('names the line and the fields found: %j', async (text, field, sentence) => {
    const reading = read([file('a.jsonl', text)], field);
    await expect(reading).rejects.toThrow(FormatError);
    await expect(reading).rejects.toThrow(sentence);
  });
});

describe('JSON Lines of other people (7.29)', () => {
  it('leaves entries without text out, and counts them', async () => {
    const lines = '{"text":"a"}\n{"text":null}\n\n{"text":"  "}\n{"text":"b","score":NaN}\n';
    const found = await read([file('a.jsonl', lines)]);
    expect(found.documents).toEqual(['a', 'b']);
    expect(found.notes).toEqual(['2 entries without text left out.']);
  });

  it('cut a document that is longer than the rest, as a plain text is', async () => {
    const long = Array.from({ length: 60_000 }, (_, i) => `w${i % 97}`).join(' ');
    const jsonl = await documentsOf([file('a.jsonl', JSON.stringify({ text: long }))]);
    const plain = await documentsOf([file('a.txt', long)]);
    expect(jsonl.length).toBeGreaterThan(10);
    expect(jsonl.join('')).toBe(long);
    expect(jsonl).toEqual(plain.map((text, i) => (i < plain.length - 1 ? text : text.trimEnd())));
  });

  it('never cut a surrogate pair at the limit of characters', async () => {
    const limits = { characters: 3, documents: 10 };
    expect((await readPastedText('ab🙂e', limits)).documents).toEqual(['ab']);
    expect((await readPastedText('ab🙂e', { ...limits, characters: 4 })).documents).toEqual([
      'ab🙂',
    ]);
  });
});

describe('a folder', () => {
  it('is read in the order of its paths, other files are left out and counted', async () => {
    const found = await read([
      file('folder/b.jsonl', '{"text":"second"}'),
      file('folder/.DS_Store', 'x'),
      file('folder/picture.png', 'x'),
      file('folder/a.txt', 'first'),
      file('__MACOSX/a.txt', 'no'),
    ]);
    expect(found.documents).toEqual(['first\n', 'second']);
    expect(found.characters).toBe(12);
    expect(found.notes).toEqual(['3 files of other kinds left out.']);
  });

  it('without any text file is refused, and the kinds are named', async () => {
    const reading = read([file('model.pt', 'x')]);
    await expect(reading).rejects.toThrow(FormatError);
    await expect(reading).rejects.toThrow(
      'no .txt, .md, .jsonl, .parquet file among 1 ("model.pt")',
    );
  });
});

describe('the limit', () => {
  it('ends reading, and says where', async () => {
    const lines = Array.from({ length: 100 }, () => JSON.stringify({ text: 'x'.repeat(30) }));
    const few = { field: 'text', limits: { characters: 1e6, documents: 2 } };
    const found = await readTextFiles(
      [file('a.jsonl', lines.join('\n')), file('b.txt', 'no')],
      few,
    );
    expect(found.documents.length).toBe(2);
    expect(found.notes).toEqual([
      'Reading stopped in file 1 of 2: the limit is 1,000,000 characters (about a quarter as many tokens) or 2 documents.',
    ]);
  });
});

describe('more text than a tab can hold', () => {
  /** A file of `size` bytes that is never there as a whole: 100-byte lines, made when they are read. */
  function makeHugeBlob(size: number, seen: { bytes: number; largest: number }): Blob {
    const encoder = new TextEncoder();
    const line = (i: number) => JSON.stringify({ text: `line ${i} ${'é'.repeat(20)}` });
    const padded = (i: number) => {
      const out = new Uint8Array(100).fill(0x20);
      out.set(encoder.encode(line(i)));
      out[99] = 0x0a;
      return out;
    };
    const view = (start: number, end: number): Blob =>
      ({
        size: end - start,
        slice: (from: number, to: number) => view(start + from, start + to),
        arrayBuffer: () => {
          seen.bytes += end - start;
          seen.largest = Math.max(seen.largest, end - start);
          const first = Math.floor(start / 100);
          const all = new Uint8Array((Math.ceil(end / 100) - first) * 100);
          for (let at = 0; at < all.length; at += 100) all.set(padded(first + at / 100), at);
          return Promise.resolve(all.slice(start - first * 100, end - first * 100).buffer);
        },
      }) as unknown as Blob;
    return view(0, size);
  }

  it.each(['huge.jsonl', 'huge.txt'])('is read in pieces spread over it: %s', async (path) => {
    const seen = { bytes: 0, largest: 0 };
    const size = 5_000_000_000;
    const found = await readTextFiles([{ path, blob: makeHugeBlob(size, seen) }], {
      field: 'text',
      limits: { characters: 3_000_000, documents: 1e6 },
    });
    expect(found.notes).toEqual([
      'About 0.06 % of the 5,000 MB of text is used: pieces spread evenly over every file. The rest is not read.',
    ]);
    expect(seen.bytes).toBeLessThan(3_600_000);
    expect(seen.largest).toBeLessThanOrEqual(2 ** 20);
    const numbers = found.documents.flatMap((doc) =>
      Array.from(doc.matchAll(/line (\d+)/g), ([, i]) => Number(i)),
    );
    // 50 million lines: begun at the first, in three thirds, and no line twice.
    expect(numbers[0]).toBe(0);
    expect(new Set(numbers.map((i) => Math.floor((3 * i) / 50e6)))).toEqual(new Set([0, 1, 2]));
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(numbers.length).toBeGreaterThan(25_000);
  });

  it('takes a share of every file of a mixed folder', async () => {
    const lines = (name: string) =>
      Array.from({ length: 200 }, (_, i) => `${JSON.stringify({ text: `${name} ${i}` })}\n`).join(
        '',
      );
    const found = await readTextFiles(
      [
        file('d/a.jsonl', lines('a')),
        file('d/b.txt', 'plain words\n'.repeat(300)),
        file('d/c.jsonl', lines('c')),
      ],
      { field: 'text', limits: { characters: 2000, documents: 1e6 } },
    );
    for (const start of ['a ', 'plain', 'c ']) {
      expect(
        found.documents.some((doc) => doc.startsWith(start)),
        start,
      ).toBe(true);
    }
    expect(found.notes[0]).toMatch(/^About \d+ % of the 0.0\d+ MB of text is used/);
  });

  it('cuts a file without line ends at characters', async () => {
    const { documents } = await readTextFiles([file('one.txt', 'é'.repeat(9_000_000))], {
      field: 'text',
      limits: { characters: 3_000_000, documents: 1e6 },
    });
    expect(documents.every((doc) => /^é+\n?$/.test(doc))).toBe(true);
  });
});

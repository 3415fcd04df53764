// Further targets, one for each kind of fault that was found from outside: JSON as Python writes it, links in
// any script, zips that lie about their sizes, index pages that hold a reader up.
import fc from 'fast-check';
import { deflateSync } from 'fflate';
import { FormatError } from '../../../src/core/errors';
import {
  EMPTY_SHARE,
  MAX_SHARED_PROMPT,
  MAX_SHARED_TEXT,
  parseShareState,
} from '../../../src/core/share/shareState';
import { writeShare } from '../../../src/core/share/writeShare';
import { unzipFiles } from '../../../src/formats/archives/archive';
import { readJson } from '../../../src/formats/archives/json';
import { parseLinks } from '../../../src/storage/remoteListing';
import { makeZip } from '../../unit/formats/archives/zipBuilder';
import { expectThat, type FuzzTarget } from './cases';
import { editedBytes } from './edits';
import { editedJson } from './jsonEdits';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

export const kindTargets = (): FuzzTarget[] => [pythonJson, linkInAnyScript, zipSizes, indexPage];

/** Values of JSON with Python's three further numbers, also as words inside of strings. */
const pythonValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom('NaN', 'Infinity', '-Infinity', 'null', '0', '-1.5e3', '"NaN, -Infinity"'),
    fc.string({ unit: 'grapheme' }).map((text) => JSON.stringify(text)),
    fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(', ')}]`),
    fc
      .array(fc.tuple(fc.string(), tie('value')), { maxLength: 4 })
      .map(
        (pairs) => `{${pairs.map(([k, v]) => `${JSON.stringify(k)}: ${String(v)}`).join(', ')}}`,
      ),
  ),
})).value;

const pythonJson: FuzzTarget = {
  name: 'Python JSON',
  files: fc.oneof(
    { weight: 3, arbitrary: pythonValue.map(bytesOf) },
    { weight: 1, arbitrary: editedBytes([bytesOf('{"a": NaN, "b": [-Infinity, "NaN"], "c": 1}')]) },
    { weight: 1, arbitrary: editedJson(['{"val_bpb": 0.8, "min": [1, 2]}']).map(bytesOf) },
  ),
  read: (bytes) => {
    const text = textOf(bytes);
    const value = readJson(text, 'meta.json');
    const plain = plainOrNull(text);
    if (plain === null) return;
    // What JSON.parse takes must come out the same.
    expectThat(JSON.stringify(value) === JSON.stringify(plain.value), text.slice(0, 200));
  },
};

function plainOrNull(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return null;
  }
}

const scripts = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 1200 }),
  fc
    .array(fc.constantFrom('文', 'é', '🙂', '𐎀', 'क', ' ', '\n', '\u202E', 'a', '&', '=', '%'), {
      maxLength: 1200,
    })
    .map((characters) => characters.join('')),
);

/** A prompt and a test text as JSON; what is written must be read again, or said to be left out. */
const linkInAnyScript: FuzzTarget = {
  name: 'link, any script',
  files: fc.tuple(scripts, scripts).map((texts) => bytesOf(JSON.stringify(texts))),
  read: (bytes) => {
    const [prompt, text] = JSON.parse(textOf(bytes)) as [string, string];
    const state = {
      ...EMPTY_SHARE,
      prompt,
      text,
      temperature: 0.7,
      seed: 11,
    };
    const { hash, leftOut } = writeShare(state);
    const again = parseShareState(hash);
    expectThat(again.temperature === 0.7 && again.seed === 11, 'temperature and seed are lost');
    for (const [key, most] of [
      ['prompt', MAX_SHARED_PROMPT],
      ['text', MAX_SHARED_TEXT],
    ] as const) {
      const read = again[key] ?? '';
      expectThat(state[key].startsWith(read), `${key} is not the beginning of what was written`);
      const isWhole = read === state[key] || state[key].length > most;
      expectThat(isWhole || leftOut.length > 0, `${key} is cut without a word`);
    }
  },
};

/** What a small zip may inflate to here: far below the page's limit, so that a bomb is cheap to make. */
const SMALL_LIMIT = 30_000;

const zipSizes: FuzzTarget = {
  name: 'zip sizes',
  files: fc
    .array(
      fc.record({
        length: fc.constantFrom(0, 1, 100, 5000, 29_999, 30_000, 30_001, 90_000),
        announced: fc.constantFrom(null, null, 0, 1, 30_000, 2 ** 31, 2 ** 32 - 2),
        isDeflated: fc.boolean(),
      }),
      { minLength: 1, maxLength: 3 },
    )
    .map((parts) => {
      const total = { left: 90_000 };
      return makeZip(
        parts.map(({ length, announced, isDeflated }, i) => {
          const data = new Uint8Array(Math.min(length, total.left)).fill(i);
          total.left -= data.length;
          const size = announced ?? data.length;
          return isDeflated
            ? { path: `${i}.json`, data: deflateSync(data, { level: 1 }), method: 8, size }
            : { path: `${i}.json`, data, size };
        }),
      );
    }),
  read: async (bytes) => {
    const files = await unzipFiles(new Blob([bytes]), 'x.zip', { maxBytes: SMALL_LIMIT });
    for (const { blob } of files) {
      expectThat(blob.size <= Math.max(SMALL_LIMIT, bytes.length), `${blob.size} bytes`);
    }
  },
};

const HOSTILE_HTML = ['<a href="', '<a ', '"', "'", '>', ' href=', '<', 'x.pt', '/', '&amp;', '\n'];

const indexPage: FuzzTarget = {
  name: 'index page',
  files: fc.oneof(
    fc
      .tuple(
        fc.array(fc.constantFrom(...HOSTILE_HTML), { minLength: 1, maxLength: 60 }),
        fc.nat(2000),
      )
      .map(([pieces, times]) => bytesOf(pieces.join('').repeat(1 + times))),
    editedBytes([
      bytesOf('<html><a href="model_000001.pt">model</a> <a href=\'d2/\'>d2</a></html>'),
    ]),
  ),
  read: (bytes) => {
    const base = new URL('https://host.example/run/');
    const links = parseLinks(textOf(bytes), base);
    if (links.length === 0) throw new FormatError('no links');
    expectThat(
      links.every(({ origin, search, hash }) => origin === base.origin && search + hash === ''),
      'a link to elsewhere',
    );
  },
};

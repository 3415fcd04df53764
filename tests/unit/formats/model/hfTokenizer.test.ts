// tokenizer.json: equal to the pickle of the same tokenizer, equal to the tokenizers library on texts, and
// refused with the reason where its ids would not be tiktoken's.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../../../src/core/errors';
import { parseHfTokenizer } from '../../../../src/formats/model/hfTokenizer';
import { parseTokenizerPickle } from '../../../../src/formats/model/tokenizerPickle';
import { makeTokenizer } from '../../../../src/model/tokenizer';
import { exportedFiles, readDemoTokenizerJson, readHfNote } from '../../../helpers/model/hfFixture';

type Json = {
  added_tokens: { id: number; content: string; special: boolean }[];
  normalizer: unknown;
  pre_tokenizer: { pretokenizers: Record<string, unknown>[] };
  model: { vocab: Record<string, number>; merges: [string, string][]; ignore_merges?: boolean };
};

const tokenizerText = async (name: 'sharded' | 'bf16' | 'tied') =>
  exportedFiles(name)
    .find((file) => file.path.endsWith('tokenizer.json'))!
    .blob.text();

describe('parseHfTokenizer', () => {
  it("reads the demo's tokenizer, exported by transformers, as its pickle", () => {
    const pickle = readFileSync('public/demo/nanochat-d4/tokenizer.pkl');
    const native = parseTokenizerPickle(new Uint8Array(pickle), 'tokenizer.pkl');
    const exported = parseHfTokenizer(readDemoTokenizerJson(), 'tokenizer.json');
    expect(exported).toEqual({ ...native, name: 'tokenizer.json' });
    const goldens = JSON.parse(
      readFileSync('tests/fixtures/formats/tokenizer_random.json', 'utf8'),
    ) as { text: string; ids: number[] }[];
    const { encodeOrdinary } = makeTokenizer(exported);
    for (const { text, ids } of goldens) expect(encodeOrdinary(text)).toEqual(ids);
    expect(goldens.length).toBeGreaterThan(200);
  });

  it.each(['sharded', 'bf16', 'tied'] as const)(
    'encodes as the tokenizers library does (%s)',
    async (name) => {
      const { encodeOrdinary } = makeTokenizer(parseHfTokenizer(await tokenizerText(name), name));
      const { texts } = readHfNote(name);
      expect(texts).toHaveLength(60);
      for (const { text, ids } of texts) expect(encodeOrdinary(text), text).toEqual(ids);
    },
  );

  it('reads merges written as one text each', async () => {
    const json = JSON.parse(await tokenizerText('sharded')) as Json;
    const merges = json.model.merges.map((pair) => pair.join(' '));
    const older = JSON.stringify({ ...json, model: { ...json.model, merges } });
    expect(parseHfTokenizer(older, 'a')).toEqual(parseHfTokenizer(JSON.stringify(json), 'a'));
  });

  it.each<[string, (json: Json) => void, string]>([
    [
      'merges out of order',
      ({ model }) => model.merges.reverse(),
      'merges must be in the order of their ids',
    ],
    ['a merge too few', ({ model }) => model.merges.pop(), 'which the list of merges lacks'],
    [
      'a token that no merges reach',
      ({ model }) => Object.assign(model.vocab, { ÿÿÿ: 600 }),
      'ignore_merges is off',
    ],
    ['a merge of unknown parts', ({ model }) => model.merges.push(['x', 'y']), '"x" + "y"'],
    [
      'a letter of no byte',
      ({ model }) => {
        Object.assign(model.vocab, { 東東: 600 });
        model.ignore_merges = true;
      },
      'a letter that does not stand for a byte',
    ],
    ['a byte too few', ({ model }) => delete model.vocab['a'], '255 of the 256 single bytes'],
    ['two tokens of one id', ({ model }) => (model.vocab['a'] = model.vocab['b']!), 'one id'],
    ['a normaliser', (json) => (json.normalizer = { type: 'NFC' }), 'normalizer'],
    [
      'another pre-tokeniser',
      (json) => (json.pre_tokenizer.pretokenizers[0]!['type'] = 'Whitespace'),
      'pre_tokenizer',
    ],
    [
      'a prefix space',
      (json) => (json.pre_tokenizer.pretokenizers[1]!['add_prefix_space'] = true),
      'add_prefix_space',
    ],
    [
      'an added token that text makes',
      (json) => (json.added_tokens[0]!.special = false),
      'is not special',
    ],
  ])('refuses %s', async (_, damage, sentence) => {
    const json = JSON.parse(await tokenizerText('sharded')) as Json;
    damage(json);
    const read = () => parseHfTokenizer(JSON.stringify(json), 'tokenizer.json');
    expect(read).toThrow(FormatError);
    expect(read).toThrow(sentence);
  });
});

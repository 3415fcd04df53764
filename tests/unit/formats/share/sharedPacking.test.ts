// Shared content as a link's payload and as a file: read as it was written, the same text for the same content, and
// nothing that is hostile gets further than a sentence.
import { gzipSync, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../../../src/core/errors';
import {
  LINK_LIMITS,
  withoutText,
  type SharedContent,
} from '../../../../src/core/share/sharedContent';
import { formatShared, parseShared } from '../../../../src/formats/share/sharedJson';
import {
  packFile,
  packPayload,
  unpackFile,
  unpackPayload,
} from '../../../../src/formats/share/sharedPacking';
import { SHARED, SHARED_RUN } from '../../../helpers/engine/sharedContent';

const parse = (json: unknown) => parseShared(JSON.stringify(json), 'This link', LINK_LIMITS);
const written = (content: SharedContent = SHARED) =>
  JSON.parse(formatShared(content)) as Record<string, never> & {
    features: Record<string, unknown>[];
    tokens: { ids: number[]; texts: string[] };
    sae: Record<string, unknown>;
  };
const payloadOf = (json: string) => deflateRawSync(json).toString('base64url');

describe('a payload', () => {
  it.each([
    ['dashboards', SHARED],
    ['texts', SHARED_RUN],
  ])('gives %s back', async (_, content) => {
    expect(await unpackPayload(await packPayload(content))).toEqual(content);
    expect(await unpackFile(new Blob([await packFile(content)]), 'a.nanoscope.gz')).toEqual(
      content,
    );
  });

  it('is the same for the same content, whatever the order of its keys', () => {
    const turned = Object.fromEntries(Object.entries(SHARED).reverse()) as SharedContent;
    expect(formatShared(turned)).toBe(formatShared(SHARED));
  });

  it('writes floats at four significant digits, and what makes a text again exactly', () => {
    const [feature] = SHARED.features;
    const text = formatShared({ ...SHARED, features: [{ ...feature!, maxAct: 37.123456 }] });
    expect(text).toContain('"max":37.12,');
    const request = { ...SHARED_RUN.run!.request, temperature: 0.123456789 };
    expect(formatShared({ ...SHARED_RUN, run: { ...SHARED_RUN.run!, request } })).toContain(
      '0.123456789',
    );
  });

  it('carries nothing of the text once that is left out', () => {
    const text = formatShared(withoutText(SHARED));
    for (const word of [' once', ' upon', 'word3', 'diary']) expect(text).not.toContain(word);
    expect(text).toContain('my third');
  });
});

describe('hostile content', () => {
  it('keeps scripts as text, and makes what cannot be seen visible', () => {
    const json = written();
    json.features[0]!['label'] = '<script>alert(1)</script>\u202e';
    json.features[0]!['note'] = '<img src=x onerror=alert(1)>';
    json.sae['name'] = 'a\u0000b\u2067c';
    json.tokens.texts[0] = '<b>x</b>';
    const content = parse(json);
    expect(content.features[0]).toMatchObject({
      label: '<script>alert(1)</script>⟨U+202E⟩',
      note: '<img src=x onerror=alert(1)>',
    });
    expect(content.sae?.name).toBe('a␀b⟨U+2067⟩c');
    expect(content.features[0]!.examples[0]!.tokens[0]!.text).toBe('<b>x</b>');
  });

  it('leaves prototypes alone', () => {
    const text = formatShared(SHARED).replace('{', '{"__proto__":{"isHacked":1},"constructor":{},');
    const content = parseShared(text, 'This link', LINK_LIMITS);
    expect(content).toEqual(SHARED);
    expect(Object.getPrototypeOf(content)).toBe(Object.prototype);
    expect('isHacked' in {}).toBe(false);
  });

  it('clamps numbers beyond all bounds', () => {
    const text = formatShared(SHARED).replace('"max":37', '"max":1e999');
    expect(parseShared(text, 'This link', LINK_LIMITS).features[0]!.maxAct).toBe(1e9);
  });

  it.each([
    [
      'a feature that the SAE does not have',
      (json: ReturnType<typeof written>) => (json.features[0]!['i'] = 20),
    ],
    ['a token that is not in its table', (json) => (json.features[0]!['up'] = [[99, 1]])],
    [
      'more features than a link has',
      (json) => json.features.push(...Array.from({ length: 10 }, () => json.features[0]!)),
    ],
    [
      'a peak outside of its example',
      (json) => (json.features[0]!['ex'] = [{ t: [0], a: [], p: 1 }]),
    ],
    ['a label of 10,000 characters', (json) => (json.features[0]!['label'] = 'a'.repeat(10_000))],
    ['a number that is a text', (json) => (json.features[0]!['max'] = '37')],
    ['features of no SAE', (json) => Object.assign(json, { sae: null })],
    ['a place that no model has', (json) => (json.sae['hookPoint'] = 'javascript:alert(1)')],
  ] as [string, (json: ReturnType<typeof written>) => unknown][])('refuses %s', (_, spoil) => {
    const json = written();
    spoil(json);
    expect(() => parse(json)).toThrow(FormatError);
  });

  it('asks for a newer page where a newer one wrote it', () => {
    expect(() => parse({ ...written(), v: 2 })).toThrow(/newer version/);
  });

  it('stops inflating at the cap', async () => {
    const bomb = '0'.repeat(5_000_000);
    expect(payloadOf(bomb).length).toBeLessThan(8000);
    await expect(unpackPayload(payloadOf(bomb))).rejects.toThrow(/more than 262144 bytes/);
    const gigabyte = gzipSync(Buffer.alloc(200_000_000));
    await expect(unpackFile(new Blob([gigabyte]), 'b.nanoscope.gz')).rejects.toThrow(
      /b\.nanoscope\.gz: it inflates to more than 104857600 bytes/,
    );
  });

  it.each(['', 'a', '!!!', 'abc', 'A'.repeat(9000)])(
    'says what is wrong with %.10s',
    async (text) => {
      await expect(unpackPayload(text)).rejects.toThrow(FormatError);
    },
  );
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePythonJson, readJson } from '../../../../src/formats/archives/json';

describe('JSON as Python writes it (7.22)', () => {
  it('reads NaN and both infinities where a value may stand, and only there', () => {
    const text =
      '{"a": NaN, "b": [Infinity, -Infinity, -1], "c": "NaN, \\"Infinity\\" \\\\", "NaN": 1}';
    expect(parsePythonJson(text)).toEqual({
      a: NaN,
      b: [Infinity, -Infinity, -1],
      c: 'NaN, "Infinity" \\',
      NaN: 1,
    });
  });

  it('agrees with JSON.parse on every JSON text', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parsePythonJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each(['{"a": Nan}', '{"a": NaNN}', '[1, Infinity', '{"a": --Infinity}', 'NaN NaN', '"NaN'])(
    'refuses %j as Python does',
    (text) => {
      expect(() => parsePythonJson(text)).toThrow(SyntaxError);
    },
  );

  it('says of an empty file, a cut one and a Git LFS pointer what they are', () => {
    expect(() => readJson(' \n', 'meta.json')).toThrow('meta.json: the file is empty');
    expect(() => readJson('{"a": 1', 'meta.json')).toThrow('cut off or edited');
    expect(() =>
      readJson('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n', 'meta.json'),
    ).toThrow('Git LFS pointer');
    expect(readJson('\uFEFF{"a": 1}', 'meta.json')).toEqual({ a: 1 });
  });
});

import { describe, expect, it } from 'vitest';
import { FormatError } from '../../../../src/core/errors';
import { parseJsonl } from '../../../../src/formats/text/corpus';

describe('parseJsonl', () => {
  it('gives one document a line, whatever the line ends and the file begins with', () => {
    expect(parseJsonl('\uFEFF{"text":"a"}\r\n\n{"text":"b\\n","n":1}')).toEqual(['a', 'b\n']);
    expect(parseJsonl('{"body":"x"}\n', 'body')).toEqual(['x']);
  });

  it.each([
    ['{"text":"a"}\nnot json', 'text', 'line 2 is not JSON ("not json")'],
    ['{"text":"a"}\n{"body":"b"}', 'text', 'line 2 has no text under "text" (its keys: "body")'],
    ['{"text":7}', 'text', 'line 1 has no text under "text"'],
    ['["text"]', 'text', 'line 1 has no text under "text"'],
    ['{"text":"a"}', 'constructor', 'line 1 has no text under "constructor"'],
    ['null', 'text', 'line 1 has no text under "text"'],
    ['\n \n', 'text', 'no documents'],
  ])('says what is wrong with %j', (text, key, sentence) => {
    expect(() => parseJsonl(text, key)).toThrow(FormatError);
    expect(() => parseJsonl(text, key)).toThrow(sentence);
  });
});

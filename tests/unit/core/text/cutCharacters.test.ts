import { expect, it } from 'vitest';
import { cutCharacters } from '../../../../src/core/text/cutCharacters';
import { FormatError } from '../../../../src/core/errors';
import { toProblem } from '../../../../src/engine/problems';
import { quote } from '../../../../src/formats/archives/byteRange';

it('cuts before a character that does not fit whole (7.29)', () => {
  expect(cutCharacters('ab🙂', 3)).toBe('ab');
  expect(cutCharacters('ab🙂', 4)).toBe('ab🙂');
  expect(quote(`${'x'.repeat(79)}🙂🙂`)).toBe(`"${'x'.repeat(79)}…"`);
});

it('shows the name of a file with what it would hide (7.28)', () => {
  const { what } = toProblem(new FormatError('model\u202Etp.exe: not a checkpoint'));
  expect(what).toBe('model⟨U+202E⟩tp.exe: not a checkpoint');
});

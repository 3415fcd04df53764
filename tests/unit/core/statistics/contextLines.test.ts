import { expect, it } from 'vitest';
import { contextLines } from '../../../../src/core/statistics/contextLines';

function example(text: string, word: string, act: number) {
  const tokens = ['<|bos|>', ...text.split(/(?= )/)].map((part, i) => ({
    text: part,
    isSpecial: i === 0,
  }));
  return { tokens, peak: tokens.findIndex((token) => token.text.trim() === word), act };
}

it('puts the firing token between what stands before and after it, without special tokens', () => {
  const [line] = contextLines([example('Once upon a time', 'upon', 2)], 4);
  expect(line).toEqual({ before: 'Once ', token: 'upon', after: ' a time', act: 2 });
});

it('shows every other firing word before it repeats one, strongest first', () => {
  const examples = [
    example('said Tom', 'Tom', 9),
    example('and Tom', 'Tom', 8),
    example('with tom', 'tom', 7),
    example('saw Sue', 'Sue', 6),
  ];
  expect(contextLines(examples, 2).map(({ token }) => token)).toEqual(['Tom', 'Sue']);
  expect(contextLines(examples, 3).map(({ act }) => act)).toEqual([9, 8, 6]);
});

// Remembers one result: for a value that many callers ask for between two changes.

/** Returns the last result again while every argument is the same object or value. */
export function memoLast<Args extends readonly unknown[], Answer>(
  compute: (...args: Args) => Answer,
): (...args: Args) => Answer {
  let last: { args: Args; answer: Answer } | null = null;
  return (...args) => {
    const isSame = last?.args.every((arg, i) => Object.is(arg, args[i])) ?? false;
    if (last === null || !isSame) last = { args, answer: compute(...args) };
    return last.answer;
  };
}

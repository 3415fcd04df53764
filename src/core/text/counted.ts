// A number with what it counts, in the singular where it is one. Pure.

/** "1 feature", "2,048 features". many: where it is not made by an s. */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
}

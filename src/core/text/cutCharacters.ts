// Cuts text at a limit and never through a character. Pure.

/** At most that many UTF-16 code units, in whole code points: half an emoji could not be encoded. */
export function cutCharacters(text: string, most: number): string {
  if (text.length <= most) return text;
  const isHalved = /[\uD800-\uDBFF]/.test(text.charAt(most - 1));
  return text.slice(0, isHalved ? most - 1 : most);
}

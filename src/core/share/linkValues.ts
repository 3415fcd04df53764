// How single values stand in a link: each reader gives what `patch` makes of a valid one, null for any other. Pure; every
// character is hostile.

const MAX_NAME = 120;

export function known<T, P>(value: T | null, patch: (value: T) => P): P | null {
  return value === null ? null : patch(value);
}

export function flag<P>(value: string, patch: (isOn: boolean) => P, on = '1', off = '0'): P | null {
  return value === on || value === off ? patch(value === on) : null;
}

export function oneOf<T extends string, P>(
  known: readonly T[],
  value: string,
  patch: (found: T) => P,
): P | null {
  const found = known.find((each) => each === value);
  return found === undefined ? null : patch(found);
}

export function name<P>(value: string, patch: (text: string) => P): P | null {
  return value === '' || value.length > MAX_NAME ? null : patch(value);
}

export function whole<P>(value: string, low: number, high: number, patch: (n: number) => P) {
  return /^\d{1,10}$/.test(value) ? decimal(value, low, high, patch) : null;
}

export function decimal<P>(value: string, low: number, high: number, patch: (n: number) => P) {
  const number = /^-?\d*\.?\d+$/.test(value) ? Number(value) : NaN;
  return number >= low && number <= high ? patch(number) : null;
}

export function short(value: number): string {
  return String(Number(value.toFixed(4)));
}

export function decode(raw: string): string | null {
  try {
    return decodeURIComponent(raw.replaceAll('+', ' '));
  } catch {
    return null;
  }
}

/** Percent-encoding that leaves `:` `,` `@` `~` readable and writes a space as `+`. */
export function encode(value: string): string {
  // encodeURIComponent throws on half a surrogate pair, which a text field can hold.
  return encodeURIComponent(value.replace(/\p{Surrogate}/gu, '\uFFFD'))
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%40', '@')
    .replaceAll('%20', '+');
}

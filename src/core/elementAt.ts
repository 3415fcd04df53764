// Reading an array at an index that is right by construction.
import { invariant } from './errors';

/** Throws the invariant error where it is not. */
export function elementAt<T>(list: ArrayLike<T>, index: number): T {
  const value = list[index];
  invariant(value !== undefined, `index ${index} in a list of ${list.length}`);
  return value;
}

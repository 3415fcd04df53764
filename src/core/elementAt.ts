// Reading an array at an index that is valid by construction.
import { invariant } from './errors';

/** Throws the invariant error if it is not. */
export function elementAt<T>(list: ArrayLike<T>, index: number): T {
  const value = list[index];
  invariant(value !== undefined, `index ${index} in a list of ${list.length}`);
  return value;
}

// Whole numbers of a bundle, stored so that gzip compresses them well: 8 bits where they fit, else 16 bits
// with low and high bytes apart, else 32.
import type { BundleArray } from './arrayBundle';

type Arrays = Record<string, BundleArray>;
type Ints = Uint8Array | Uint16Array | Uint32Array;

/** Marks a name whose array holds all low bytes, then all high bytes. */
const PLANES = '.planes';

/** One entry of a bundle. `isText`: neighbouring values repeat, so storing each value whole compresses
 *  better than separate planes of low and high bytes. */
export function packInts(name: string, values: Ints, o: { isText?: boolean } = {}): Arrays {
  let most = 0;
  for (const value of values) most = Math.max(most, value);
  if (most <= 0xff) return { [name]: Uint8Array.from(values) };
  if (most > 0xffff) return { [name]: Uint32Array.from(values) };
  if (o.isText === true) return { [name]: Uint16Array.from(values) };
  const planes = new Uint8Array(2 * values.length);
  values.forEach((value, i) => {
    planes[i] = value & 0xff;
    planes[values.length + i] = value >> 8;
  });
  return { [name + PLANES]: planes };
}

/** null if the bundle has no array of that name. */
export function unpackInts(arrays: Arrays, name: string): Uint32Array | null {
  const planes = arrays[name + PLANES];
  if (planes instanceof Uint8Array && planes.length % 2 === 0) {
    const length = planes.length / 2;
    return Uint32Array.from({ length }, (_, i) => planes[i]! | (planes[length + i]! << 8));
  }
  const array = arrays[name];
  const isWhole =
    array instanceof Uint8Array || array instanceof Uint16Array || array instanceof Uint32Array;
  return isWhole ? Uint32Array.from(array) : null;
}

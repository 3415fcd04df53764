// NumPy's array files, format 1 to 3: magic, header as a Python literal, values. Source: numpy.lib.format.
import { FormatError } from '../../core/errors';
import { f16ToF32 } from '../../core/numeric/float16';

/** Little-endian f2, f4 and f8 in C order, row-major. Throws FormatError saying what was found. */
export function parseNpy(
  path: string,
  bytes: ArrayBuffer,
): { shape: readonly number[]; data: Float32Array } {
  const view = new DataView(bytes);
  const isNpy =
    bytes.byteLength >= 12 && view.getUint32(0) === 0x934e554d && view.getUint16(4) === 0x5059;
  if (!isNpy) throw new FormatError(`${path}: not a .npy file`);
  const isLong = view.getUint8(6) >= 2;
  const start = isLong ? 12 : 10;
  const length = isLong ? view.getUint32(8, true) : view.getUint16(8, true);
  if (start + length > bytes.byteLength) throw new FormatError(`${path}: is cut off`);
  const header = new TextDecoder('latin1').decode(new Uint8Array(bytes, start, length));
  const dtype = /'descr':\s*'([^']*)'/.exec(header)?.[1] ?? 'none';
  const sizes = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1] ?? '';
  const shape = sizes.split(',').flatMap((part) => (part.trim() === '' ? [] : [Number(part)]));
  const isVector = shape.filter((size) => size !== 1).length <= 1;
  if (/'fortran_order':\s*True/.test(header) && !isVector) {
    throw new FormatError(`${path}: is in Fortran order; save numpy.ascontiguousarray of it`);
  }
  const count = shape.reduce((product, size) => product * size, 1);
  const width = { '<f2': 2, '<f4': 4, '<f8': 8 }[dtype];
  if (width === undefined) {
    throw new FormatError(`${path}: values of type ${dtype}; supported are <f2, <f4 and <f8`);
  }
  const data = bytes.slice(start + length);
  if (!(count * width <= data.byteLength)) throw new FormatError(`${path}: is cut off`);
  if (width === 2) return { shape, data: f16ToF32(new Uint16Array(data, 0, count)) };
  if (width === 4) return { shape, data: new Float32Array(data, 0, count) };
  return { shape, data: Float32Array.from(new Float64Array(data, 0, count)) };
}

// Parquet's DELTA encodings of byte arrays, checked before the decoder sees them: it believes block sizes and
// lengths, walks backwards on negative ones and multiplies texts by their prefixes without end.
// Format: apache/parquet-format, Encodings.md, "Delta Encoding", "Delta-length byte array", "Delta Strings".
import { deltaBinaryUnpack } from 'hyparquet/src/delta.js';

/** Values of one block; writers use 128. */
const LARGEST_BLOCK = 65_536;

/** Throws Error unless `count` byte arrays lie at `start`, as long as announced and `room` bytes at most. */
export function checkDeltaTexts(
  page: Uint8Array,
  o: { start: number; count: number; hasPrefixes: boolean; room: number },
): void {
  const reader = { view: new DataView(page.buffer, page.byteOffset, page.length), offset: o.start };
  const prefixes = o.hasPrefixes ? readDeltas(reader, o.count) : null;
  const lengths = readDeltas(reader, o.count);
  let packed = 0;
  let total = 0;
  let before = 0;
  for (const [i, length] of lengths.entries()) {
    const prefix = prefixes?.[i] ?? 0;
    if (length < 0 || prefix < 0 || prefix > before) {
      throw new Error(`text ${i} of ${length} bytes after ${prefix} of the ${before} before`);
    }
    before = prefix + length;
    packed += length;
    total += before;
  }
  if (packed > page.length - reader.offset) {
    throw new Error(`${packed} bytes of text in ${page.length - reader.offset}`);
  }
  if (total > o.room) throw new Error(`${total} bytes of text; at most ${o.room} are read`);
}

type Reader = { view: DataView; offset: number };

/** `count` integers at the reader's place, which moves behind them. */
function readDeltas(reader: Reader, count: number): Int32Array {
  const header = { ...reader };
  const blockSize = unsigned(header);
  const miniblocks = unsigned(header);
  const announced = unsigned(header);
  const isSound =
    blockSize > 0 &&
    blockSize <= LARGEST_BLOCK &&
    blockSize % 128 === 0 &&
    miniblocks > 0 &&
    (blockSize / miniblocks) % 32 === 0;
  if (!isSound || announced !== count) {
    throw new Error(
      `${announced} numbers for ${count} texts, in blocks of ${blockSize} and ${miniblocks} parts`,
    );
  }
  const values = new Int32Array(count);
  deltaBinaryUnpack(reader, count, values);
  return values;
}

/** ULEB128 of at most 32 bits. */
function unsigned(reader: Reader): number {
  let value = 0;
  for (let i = 0; i < 5; i++) {
    const byte = reader.view.getUint8(reader.offset++);
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return value;
  }
  throw new Error('a number of more than 32 bits');
}

// Walks one struct of Thrift's compact protocol without storing it, so that the reader that follows
// never meets an unbounded length, depth or number. Encoding: Apache Thrift, thrift-compact-protocol.md.

const MAX_DEPTH = 32;
/** bytes of a 64-bit varint */
const MAX_VARINT = 10;

type Walk = { view: DataView; offset: number; end: number; left: number };

/** Where the struct at `start` ends. Throws Error unless it ends before `end` and has at most maxElements
 *  fields and list items, all of kinds that Parquet uses. */
export function endOfThriftStruct(
  view: DataView,
  start: number,
  end: number,
  maxElements: number,
): number {
  const walk: Walk = { view, offset: start, end, left: maxElements };
  struct(walk, 0);
  return walk.offset;
}

function struct(w: Walk, depth: number): void {
  if (depth > MAX_DEPTH) throw new Error(`structures nested more than ${MAX_DEPTH} deep`);
  for (;;) {
    const head = byte(w);
    const type = head & 15;
    if (type === 0) return;
    // The field's number, written out if it is not a small step from the last one.
    if (head >> 4 === 0) varint(w);
    // A boolean field is its type.
    if (type === 1 || type === 2) spend(w, 1);
    else element(w, type, depth);
  }
}

function element(w: Walk, type: number, depth: number): void {
  spend(w, 1);
  switch (type) {
    case 1:
    case 2:
    case 3: {
      skip(w, 1);
      return;
    }
    case 4:
    case 5:
    case 6:
      varint(w);
      return;
    case 7: {
      skip(w, 8);
      return;
    }
    case 8: {
      skip(w, varint(w));
      return;
    }
    case 9: {
      list(w, depth);
      return;
    }
    case 12: {
      struct(w, depth + 1);
      return;
    }
    default:
      throw new Error(`an element of kind ${type}`);
  }
}

function list(w: Walk, depth: number): void {
  if (depth > MAX_DEPTH) throw new Error(`lists nested more than ${MAX_DEPTH} deep`);
  const head = byte(w);
  const count = head >> 4 === 15 ? varint(w) : head >> 4;
  // Every item has at least one byte.
  if (count > w.end - w.offset)
    throw new Error(`a list of ${count} items in ${w.end - w.offset} bytes`);
  for (let i = 0; i < count; i++) element(w, head & 15, depth + 1);
}

function spend(w: Walk, elements: number): void {
  w.left -= elements;
  if (w.left < 0) throw new Error('more parts than any header needs');
}

function skip(w: Walk, bytes: number): void {
  if (bytes > w.end - w.offset)
    throw new Error(`${bytes} bytes where ${w.end - w.offset} are left`);
  w.offset += bytes;
}

function byte(w: Walk): number {
  skip(w, 1);
  return w.view.getUint8(w.offset - 1);
}

/** Its value as a double: exact up to 2^53, which no length comes near. */
function varint(w: Walk): number {
  let value = 0;
  for (let i = 0; i < MAX_VARINT; i++) {
    const next = byte(w);
    value += (next & 0x7f) * 2 ** (7 * i);
    if (next < 0x80) return value;
  }
  throw new Error('a number of more than 64 bits');
}

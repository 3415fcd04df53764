// Zip files byte by byte, with every lie a test may want to tell.

export type ZipPart = {
  path: string;
  data: Uint8Array;
  /** 0 stored, 8 deflated; `data` is written as it stands */
  method?: number;
  flags?: number;
  /** announced uncompressed size, if not data.length */
  size?: number;
  /** padding in the local extra field only, as torch writes it */
  padding?: number;
  /** offset of the local header in the directory, if not the true one */
  headerAt?: number;
};

export type ZipLies = { zip64?: boolean; wideEntries?: boolean; comment?: string };

const encoder = new TextEncoder();

/** Little-endian numbers: [width in bytes, value] pairs. */
export function little(...fields: [1 | 2 | 4 | 8, number][]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(fields.reduce((sum, [width]) => sum + width, 0));
  const view = new DataView(out.buffer);
  let at = 0;
  for (const [width, value] of fields) {
    if (width === 8) view.setBigUint64(at, BigInt(value), true);
    else if (width === 4) view.setUint32(at, value, true);
    else if (width === 2) view.setUint16(at, value, true);
    else view.setUint8(at, value);
    at += width;
  }
  return out;
}

export function concat(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return join(parts);
}

/** As concat, for more parts than a call takes arguments. */
export function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export function makeZip(parts: ZipPart[], o: ZipLies = {}): Uint8Array<ArrayBuffer> {
  const local: Uint8Array[] = [];
  const central: Uint8Array[] = [];
  let at = 0;
  for (const part of parts) {
    const name = encoder.encode(part.path);
    const { data, method = 0, flags = 0, size = data.length, padding = 0 } = part;
    const extra = padding === 0 ? new Uint8Array() : little([2, 0x4246], [2, padding]);
    const header = concat(
      little([4, 0x04034b50], [2, 20], [2, flags], [2, method], [4, 0], [4, 0]),
      little([4, data.length], [4, size], [2, name.length], [2, extra.length + padding]),
      name,
      extra,
      new Uint8Array(padding),
    );
    const headerAt = part.headerAt ?? at;
    local.push(header, data);
    central.push(centralEntry(name, { flags, method, packed: data.length, size, headerAt }, o));
    at += header.length + data.length;
  }
  const directory = concat(...central);
  const end64 =
    o.zip64 === true
      ? concat(
          little([4, 0x06064b50], [8, 44], [2, 45], [2, 45], [4, 0], [4, 0]),
          little([8, parts.length], [8, parts.length], [8, directory.length], [8, at]),
          little([4, 0x07064b50], [4, 0], [8, at + directory.length], [4, 1]),
        )
      : new Uint8Array();
  const comment = encoder.encode(o.comment ?? '');
  const short = o.zip64 === true ? 0xffffffff : null;
  const end = concat(
    little([4, 0x06054b50], [2, 0], [2, 0], [2, parts.length], [2, parts.length]),
    little([4, short ?? directory.length], [4, short ?? at], [2, comment.length]),
    comment,
  );
  return concat(...local, directory, end64, end);
}

function centralEntry(
  name: Uint8Array,
  e: { flags: number; method: number; packed: number; size: number; headerAt: number },
  o: ZipLies,
): Uint8Array {
  const wide = o.wideEntries === true;
  const extra = wide
    ? little([2, 1], [2, 24], [8, e.size], [8, e.packed], [8, e.headerAt])
    : new Uint8Array();
  const field = (value: number): [4, number] => [4, wide ? 0xffffffff : value];
  return concat(
    little([4, 0x02014b50], [2, 20], [2, 20], [2, e.flags], [2, e.method], [4, 0], [4, 0]),
    little(field(e.packed), field(e.size), [2, name.length], [2, extra.length], [2, 0], [2, 0]),
    little([2, 0], [4, 0], field(e.headerAt)),
    name,
    extra,
  );
}

// Activations of runs, kept as files: a later run that reads the same stream (another k, another architecture, a
// resumed run) takes them instead of running the model. Blocks of the ring as the ring holds them, scaled and in f16, so
// that every number is the same. They may vanish at any time: then the model is asked again.
import * as v from 'valibot';
import { f16ToF32, f32ToF16 } from '../../core/numeric/float16';
import type { HookPoint } from '../../core/activations/hookPoint';
import type { Calibration, SaeConfig } from '../../core/sae/sae';
import type { ActivationRing } from '../../core/train/activationRing';
import type { RingBlock } from '../../core/train/ringBlocks';
import {
  changeRecord,
  dropUnreadable,
  getRecord,
  listRecords,
  recordKind,
  type RecordKind,
} from '../../storage/records';
import { sha256Hex, StorageFullError } from '../../storage/storage';
import type { EngineParts } from '../parts';
import type { ActivationsEvent, KeptActivationFacts } from './api';

const number = v.pipe(v.number(), v.finite());

/** Bytes of a file that were hashed at once. */
const Piece = v.object({ length: number, sha256: v.string() });

/** What was measured of a block, at its scale. */
const Measured = v.object({
  tokens: number,
  inputScale: number,
  mean: v.custom<Float32Array>((mean) => mean instanceof Float32Array, 'no vector'),
  variance: number,
});

const Entry = v.object({
  id: v.string(),
  d: number,
  /** how rows were multiplied before they were rounded; null: no block yet */
  scale: v.nullable(number),
  blocks: v.array(
    v.object({
      block: number,
      rows: number,
      /** null: nothing was */
      calibration: v.optional(v.nullable(Measured), null),
      file: v.string(),
      pieces: v.array(Piece),
    }),
  ),
  /** of its last use, ISO 8601 */
  usedAt: v.string(),
});
type Entry = v.InferOutput<typeof Entry>;
type Block = Entry['blocks'][number];

export const KEPT_ACTIVATION_RECORDS = recordKind({
  prefix: 'kept-activations/',
  what: 'kept activations',
  schema: Entry,
});

/** false: runs keep nothing */
const SETTING = 'setting/keep-activations';

type StreamFields = Pick<
  SaeConfig,
  | 'd_in'
  | 'seed'
  | 'contextSize'
  | 'prependBos'
  | 'ringRows'
  | 'firstBlockRows'
  | 'calibrationTokens'
>;

/** A configuration's part of a StreamKey. */
export function streamFields(config: SaeConfig): StreamFields {
  const { d_in, seed, contextSize, prependBos, ringRows, firstBlockRows, calibrationTokens } =
    config;
  return { d_in, seed, contextSize, prependBos, ringRows, firstBlockRows, calibrationTokens };
}

/** Everything that decides which numbers a run reads. */
export type StreamKey = {
  modelId: string;
  /** the same model gives other roundings elsewhere */
  backend: string;
  precision: string;
  corpusId: string;
  hook: HookPoint;
} & StreamFields;

export type KeptBlock = {
  /** by which its rows were multiplied */
  scale: number;
  /** what was measured of it, at that scale; null: nothing was */
  calibration: Calibration | null;
  /** Rows first … first + count − 1 as the ring held them, [count, d]; null: the file is gone. */
  rows: (first: number, count: number) => Promise<Float32Array | null>;
};

export type KeptStream = {
  /** scale: null where any will do. null: not kept, of another scale or length, or damaged */
  block: (block: RingBlock, scale: number | null) => Promise<KeptBlock | null>;
  /** Keeps the block that is in the ring, where there is room. */
  keepBlock: (
    block: RingBlock,
    ring: ActivationRing,
    measured: Pick<KeptBlock, 'scale' | 'calibration'>,
  ) => Promise<void>;
};

export type KeptActivations = {
  /** null where nothing can be kept */
  facts: () => Promise<KeptActivationFacts | null>;
  open: (key: StreamKey) => Promise<KeptStream | null>;
  setKeeping: (isOn: boolean) => Promise<void>;
  forget: () => Promise<void>;
};

type Parts = Pick<EngineParts, 'storage' | 'files' | 'wallClock' | 'activationRoom' | 'breathe'>;

export function createKeptActivations(
  parts: Parts,
  emit: (event: ActivationsEvent) => void,
): KeptActivations {
  const { storage, files } = parts;
  const roomOf = async () => (await parts.activationRoom?.()) ?? 0;
  const isOn = async () => (await storage.getFacts(SETTING)) !== false;
  const facts = async (): Promise<KeptActivationFacts | null> => {
    const room = await roomOf();
    if (room === 0) return null;
    const entries = await listRecords(storage, KEPT_ACTIVATION_RECORDS);
    const tokens = entries.flatMap(({ blocks }) => blocks).reduce((sum, { rows }) => sum + rows, 0);
    const byteLength = entries.reduce((sum, entry) => sum + bytesOf(entry), 0);
    return { isOn: await isOn(), byteLength, tokens, room };
  };
  const tell = async () => {
    emit({ kind: 'keptActivations', kept: await facts() });
  };
  const drop = async ({ id, blocks }: Entry) => {
    await storage.delete(KEPT_ACTIVATION_RECORDS.prefix + id);
    for (const { file } of blocks) await files.remove(file);
  };
  /** Deletes what was used longest ago, of other streams, until so many more bytes fit; false: they do not. */
  const makeRoom = async (bytes: number, own: string) => {
    const room = await roomOf();
    const entries = await listRecords(storage, KEPT_ACTIVATION_RECORDS);
    let held = entries.reduce((sum, entry) => sum + bytesOf(entry), 0);
    const others = entries.filter(({ id }) => id !== own);
    others.sort((a, b) => (a.usedAt < b.usedAt ? -1 : 1));
    const ownBytes = held - others.reduce((sum, entry) => sum + bytesOf(entry), 0);
    if (ownBytes + bytes > room) return false;
    for (const entry of others) {
      if (held + bytes <= room) break;
      await drop(entry);
      held -= bytesOf(entry);
    }
    return true;
  };
  return {
    facts,
    async open(key) {
      if ((await roomOf()) === 0) return null;
      const id = (await sha256Hex(new TextEncoder().encode(JSON.stringify(key)))).slice(0, 24);
      return openStream({ ...parts, isOn, makeRoom, tell }, id, key.d_in);
    },
    async setKeeping(wanted) {
      await (wanted ? storage.delete(SETTING) : storage.setFacts(SETTING, false));
      await tell();
    },
    async forget() {
      for (const entry of await listRecords(storage, KEPT_ACTIVATION_RECORDS)) await drop(entry);
      await tell();
    },
  };
}

type StreamParts = Parts & {
  isOn: () => Promise<boolean>;
  makeRoom: (bytes: number, own: string) => Promise<boolean>;
  tell: () => Promise<void>;
};

function openStream(parts: StreamParts, id: string, d: number): KeptStream {
  const { storage, files } = parts;
  const usedAt = () => new Date(parts.wallClock()).toISOString();
  const change = async (made: (entry: Entry) => Entry) => {
    await changeRecord(storage, KEPT_ACTIVATION_RECORDS, id, (known) =>
      made(known ?? { id, d, scale: null, blocks: [], usedAt: usedAt() }),
    );
  };
  const read = async () => {
    const entry = await getRecord(storage, KEPT_ACTIVATION_RECORDS, id);
    if (entry !== null) return entry;
    // An unreadable one is of no use, and would be in the way of a new one.
    const kind = KEPT_ACTIVATION_RECORDS as RecordKind<unknown>;
    await dropUnreadable(storage, kind, KEPT_ACTIVATION_RECORDS.prefix + id);
    return null;
  };
  /** A disk that is full once is not tried again at every block. */
  let isFull = false;
  return {
    async block({ index, rows }, wanted) {
      const entry = await read();
      const found = entry?.blocks.find(({ block }) => block === index);
      const scale = entry?.scale ?? null;
      if (found?.rows !== rows || scale === null || scale !== (wanted ?? scale)) return null;
      const blob = await files.read(found.file);
      if (blob === null || !(await isWhole(blob, found, parts.breathe))) {
        const blocks = (known: Entry) => known.blocks.filter(({ file }) => file !== found.file);
        await change((known) => ({ ...known, blocks: blocks(known) }));
        await files.remove(found.file);
        return null;
      }
      await change((known) => ({ ...known, usedAt: usedAt() }));
      return {
        scale,
        calibration: found.calibration,
        rows: (first, count) => readRows(blob, 2 * d * first, 2 * d * count),
      };
    },
    async keepBlock({ index: block, rows }, ring, { scale, calibration }) {
      if (isFull || !(await parts.isOn())) return;
      const known = await read();
      if (known?.blocks.some((one) => one.block === block) === true) return;
      if (known !== null && known.scale !== null && known.scale !== scale) return;
      if (!(await parts.makeRoom(2 * d * rows, id))) return;
      const pieces: Block['pieces'] = [];
      try {
        const file = await files.write(
          `activations-${id}`,
          ringBytes(ring, rows, pieces, parts.breathe),
        );
        const added: Block = { block, rows, calibration, file, pieces };
        await change((entry) => {
          const has = entry.blocks.some((one) => one.block === block);
          return has
            ? entry
            : { ...entry, scale, blocks: [...entry.blocks, added], usedAt: usedAt() };
        });
        const stored = await getRecord(storage, KEPT_ACTIVATION_RECORDS, id);
        // Another tab kept the same block meanwhile.
        if (stored?.blocks.some((one) => one.file === file) !== true) await files.remove(file);
      } catch (cause) {
        unlessFull(cause);
        isFull = true;
      }
      await parts.tell();
    },
  };
}

/** What cannot be kept is computed again: only room is no reason to end a run. */
function unlessFull(cause: unknown): void {
  if (!(cause instanceof StorageFullError)) throw cause;
}

function bytesOf({ blocks }: Entry): number {
  return blocks.flatMap(({ pieces }) => pieces).reduce((sum, { length }) => sum + length, 0);
}

/** Rows read, hashed and written at once. */
const PIECE_ROWS = 4096;

async function* ringBytes(
  ring: ActivationRing,
  rowCount: number,
  pieces: Block['pieces'],
  breathe: () => Promise<void>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let first = 0; first < rowCount; first += PIECE_ROWS) {
    const count = Math.min(PIECE_ROWS, rowCount - first);
    const rows = await ring.readRows(Uint32Array.from({ length: count }, (_, i) => first + i));
    const bytes = new Uint8Array(f32ToF16(rows).buffer as ArrayBuffer);
    pieces.push({ length: bytes.byteLength, sha256: await sha256Hex(bytes) });
    yield bytes;
    await breathe();
  }
}

async function isWhole(
  blob: Blob,
  { pieces }: Block,
  breathe: () => Promise<void>,
): Promise<boolean> {
  let at = 0;
  for (const { length, sha256 } of pieces) {
    const bytes = await readBytes(blob.slice(at, at + length));
    if (bytes?.byteLength !== length || (await sha256Hex(bytes)) !== sha256) return false;
    at += length;
    await breathe();
  }
  return at === blob.size;
}

async function readRows(blob: Blob, from: number, length: number) {
  const bytes = await readBytes(blob.slice(from, from + length));
  if (bytes?.byteLength !== length) return null;
  return f16ToF32(new Uint16Array(bytes.buffer));
}

/** null: its file was deleted after it was opened. */
async function readBytes(part: Blob): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    return new Uint8Array(await part.arrayBuffer());
  } catch (cause) {
    if (cause instanceof DOMException) return null;
    throw cause;
  }
}

// One fuzz case: a file made from a seed, read once, judged. Everything about a case follows from target,
// seed and number, so that a finding can be run again.
import fc from 'fast-check';
import { ConfigError, FormatError, ShapeError } from '../../../src/core/errors';
import { hash32 } from '../../../src/core/numeric/rng';
import type { Allocations } from './guard';

export type FuzzTarget = {
  name: string;
  files: fc.Arbitrary<Uint8Array>;
  /** Reads one file to the end. Throws WrongLoad where what was read cannot be right. */
  read: (bytes: Uint8Array<ArrayBuffer>) => Promise<void> | void;
};

/** It was read, but not correctly: a finding. */
class WrongLoad extends Error {
  override readonly name = 'WrongLoad';
}

export function expectThat(condition: boolean, what: string): asserts condition {
  if (!condition) throw new WrongLoad(what);
}

/** Milliseconds of processor time that one file may take: a thousand times what any takes, and the same on a busy
 *  machine. The other thread of the fuzzer is counted too. */
const LIMIT_MS = 5000;
/** Milliseconds after which nothing comes any more. */
const NEVER_MS = 240_000;
/** Bytes that reading a file may allocate: a fixed room, and a multiple of what there is to read. */
const ROOM_BYTES = 64 * 2 ** 20;
const ROOM_PER_BYTE = 64;
/** Longest sentence an error may be, in characters. */
const LONGEST_MESSAGE = 4000;

const BATCH = 25;

/** The files of one batch: numbers batch·BATCH and on. */
function filesOf(target: FuzzTarget, seed: number, batch: number): Uint8Array[] {
  return fc.sample(target.files, { seed: hash32(seed, batch) | 0, numRuns: BATCH });
}

export type Finding = { target: string; seed: number; index: number; what: string };
export type Tally = {
  target: string;
  files: number;
  refused: number;
  read: number;
  slowest: number;
};

type Watch = {
  allocations: Allocations;
  prototypes: () => string | null;
  /** Told before every case, so that an endless one has a name. */
  onCase: (index: number) => void;
};

/** Reads files number 0 to count − 1 of a target. Throws nothing: what went wrong is in `findings`. */
export async function fuzzTarget(
  target: FuzzTarget,
  o: { seed: number; count: number; from?: number },
  watch: Watch,
): Promise<{ tally: Tally; findings: Finding[] }> {
  const tally = { target: target.name, files: 0, refused: 0, read: 0, slowest: 0 };
  const findings: Finding[] = [];
  let files: Uint8Array[] = [];
  const from = o.from ?? 0;
  for (let index = from; index < from + o.count; index++) {
    if (index === from || index % BATCH === 0) {
      files = filesOf(target, o.seed, Math.floor(index / BATCH));
    }
    watch.onCase(index);
    const bytes = new Uint8Array(files[index % BATCH]!);
    const verdict = await judge(target, bytes, watch);
    tally.files++;
    tally[verdict.outcome]++;
    tally.slowest = Math.max(tally.slowest, verdict.milliseconds);
    if (verdict.what === null) continue;
    findings.push({ target: target.name, seed: o.seed, index, what: verdict.what });
  }
  return { tally, findings };
}

type Verdict = { outcome: 'refused' | 'read'; milliseconds: number; what: string | null };

async function judge(
  target: FuzzTarget,
  bytes: Uint8Array<ArrayBuffer>,
  watch: Watch,
): Promise<Verdict> {
  watch.allocations.reset();
  const before = process.cpuUsage();
  let outcome: Verdict['outcome'] = 'read';
  let what: string | null = null;
  try {
    await withinLimit(Promise.resolve(target.read(bytes)));
  } catch (thrown) {
    outcome = 'refused';
    what = untyped(thrown);
  }
  const { user, system } = process.cpuUsage(before);
  const milliseconds = (user + system) / 1000;
  const allocated = watch.allocations.bytes();
  const room = ROOM_BYTES + ROOM_PER_BYTE * bytes.length;
  if (milliseconds > LIMIT_MS) what ??= `took ${Math.round(milliseconds)} ms of processor time`;
  if (allocated > room) what ??= `asked for ${allocated} bytes to read ${bytes.length}`;
  what ??= watch.prototypes();
  return { outcome, milliseconds, what };
}

/** Waiting that does not end is a finding as well; a loop that does not end is the watchdog's. */
async function withinLimit(work: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((_, reject) => {
    timer = setTimeout(() => {
      reject(new WrongLoad('never came to an end'));
    }, NEVER_MS);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** null for an error that the page can show as it stands. */
function untyped(thrown: unknown): string | null {
  const isTyped =
    thrown instanceof FormatError || thrown instanceof ConfigError || thrown instanceof ShapeError;
  if (!isTyped) {
    const { stack = '' } = thrown instanceof Error ? thrown : {};
    return `untyped: ${String(thrown).slice(0, 300)}\n${stack.split('\n').slice(1, 5).join('\n')}`;
  }
  const { length } = thrown.message;
  return length > LONGEST_MESSAGE ? `an error message of ${length} characters` : null;
}

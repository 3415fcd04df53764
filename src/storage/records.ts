// What is stored, read as foreign data: every kind of record has a schema. A record that does not pass hides
// no other, and a change of it is refused; it is listed, and deleted or handed out as it is when asked.
import * as v from 'valibot';
import { deleteRecord, repoint } from './pointers';
import type { BlobPointer, Storage } from './storage';

/** One kind of record; T is what its readable part holds. */
export type RecordKind<T> = {
  /** its keys begin with it; the rest names the record */
  prefix: string;
  /** one of them, in the words of the page: "training run" */
  what: string;
  read: (facts: unknown) => Reading<T>;
  /** The record with another readable part; what could not be read stays in it. */
  withValue: (facts: unknown, value: T) => unknown;
};

type Reading<T> = {
  /** null: nothing of it can be read */
  value: T | null;
  /** what is wrong with it, for a sentence; null: nothing */
  reason: string | null;
};

/** name: the key without its prefix; reason: for a sentence. */
type UnreadableRecord = { key: string; what: string; name: string; reason: string };

export class UnreadableRecordError extends Error {
  override readonly name = 'UnreadableRecordError';
}

/** A record that is readable as a whole or not at all. */
export function recordKind<T>(o: {
  prefix: string;
  what: string;
  schema: v.GenericSchema<unknown, T>;
}): RecordKind<T> {
  return {
    prefix: o.prefix,
    what: o.what,
    read(facts) {
      const result = v.safeParse(o.schema, facts);
      return result.success
        ? { value: result.output, reason: null }
        : { value: null, reason: reasonOf(result.issues[0]) };
    },
    withValue: (_, value) => value,
  };
}

/** A record that is a list: an entry that cannot be read leaves the others readable. */
export function listKind<T>(o: {
  prefix: string;
  what: string;
  entry: v.GenericSchema<unknown, T>;
}): RecordKind<readonly T[]> {
  const isGood = (entry: unknown) => v.is(o.entry, entry);
  return {
    prefix: o.prefix,
    what: o.what,
    read(facts) {
      if (!Array.isArray(facts)) return { value: null, reason: 'it is no list' };
      const results = facts.map((entry) => v.safeParse(o.entry, entry));
      const value = results.flatMap((result) => (result.success ? [result.output] : []));
      const [first] = results.flatMap((result) => (result.success ? [] : [result.issues[0]]));
      const bad = facts.length - value.length;
      const reason =
        first === undefined ? null : `${bad} of ${facts.length} entries: ${reasonOf(first)}`;
      return { value, reason };
    },
    withValue(facts, value) {
      const bad = Array.isArray(facts) ? facts.filter((entry) => !isGood(entry)) : [];
      const all = [...value, ...(bad as unknown[])];
      return all.length === 0 ? undefined : all;
    },
  };
}

type Readable = Pick<Storage, 'getFacts' | 'keys'>;

/** null: there is none, or it cannot be read. */
export async function getRecord<T>(
  storage: Readable,
  kind: RecordKind<T>,
  name: string,
): Promise<T | null> {
  const facts = await storage.getFacts(kind.prefix + name);
  return facts === undefined ? null : kind.read(facts).value;
}

/** Those that can be read. */
export async function listRecords<T>(storage: Readable, kind: RecordKind<T>): Promise<T[]> {
  const keys = await storage.keys(kind.prefix);
  const found = await Promise.all(
    keys.map((key) => getRecord(storage, kind, key.slice(kind.prefix.length))),
  );
  return found.filter((value) => value !== null);
}

/** Writes what `change` makes of a record (null: there was none) in one transaction; undefined deletes it.
 *  `fresh`: blobs that were stored for it. Those that it no longer names are deleted. Throws UnreadableRecordError where it cannot be read. */
export async function changeRecord<T>(
  storage: Storage,
  kind: RecordKind<T>,
  name: string,
  change: (value: T | null) => T | undefined,
  fresh: readonly BlobPointer[] = [],
): Promise<void> {
  const changeFacts = (facts: unknown) => {
    const value = facts === undefined ? null : kind.read(facts).value;
    if (facts !== undefined && value === null) {
      throw new UnreadableRecordError(`The stored ${kind.what} ${name} cannot be read.`);
    }
    const changed = change(value);
    return changed === undefined ? undefined : kind.withValue(facts, changed);
  };
  await repoint(storage, kind.prefix + name, changeFacts, fresh);
}

/** Of all these kinds, by key. */
export async function unreadableRecords(
  storage: Readable,
  kinds: readonly RecordKind<unknown>[],
): Promise<UnreadableRecord[]> {
  const found: UnreadableRecord[] = [];
  for (const { prefix, what, read } of kinds) {
    for (const key of (await storage.keys(prefix)).sort()) {
      const facts = await storage.getFacts(key);
      const reason = facts === undefined ? null : read(facts).reason;
      if (reason !== null) found.push({ key, what, name: key.slice(prefix.length), reason });
    }
  }
  return found;
}

/** Deletes what cannot be read of a record, with its blobs, and nothing else. */
export async function dropUnreadable(
  storage: Storage,
  kind: RecordKind<unknown>,
  key: string,
): Promise<void> {
  const readable = kind.read(await storage.getFacts(key)).value;
  if (readable === null) await deleteRecord(storage, key);
  else {
    await repoint(storage, key, (facts) => {
      const { value } = kind.read(facts);
      return value === null ? facts : kind.withValue(undefined, value);
    });
  }
}

/** "config.d_in is missing", "config.d_in: Expected number but received "x"" */
function reasonOf(issue: v.BaseIssue<unknown> | undefined): string {
  if (issue === undefined) return 'it is of no known form';
  const path = v.getDotPath(issue);
  if (path !== null && issue.received === 'undefined') return `${path} is missing`;
  return path === null ? issue.message : `${path}: ${issue.message}`;
}

/** Named blobs: see storage.ts. */
export const BlobPointerSchema = v.object({
  key: v.string(),
  byteLength: v.number(),
  sha256: v.string(),
});

// The SAEs that are known: the demo's, those in storage, those of this tab. Read from storage when first asked for.
import { ConfigError } from '../../core/errors';
import { once } from '../../core/once';
import { findSae } from '../../core/sae/findSae';
import { changeRecord, getRecord, listRecords } from '../../storage/records';
import type { EngineEvent } from '../api';
import type { EngineParts } from '../parts';
import { toProblem } from '../problems';
import type { SaeFacts } from './api';
import { completed, isOlder, olderUnits, readOlderSae } from './olderSae';
import { fetchDemoEntry, shownFacts, storedEntry, takeStored, type SaeEntry } from './saeEntries';
import { SAE_RECORDS, type SaeRecord } from './saeRecords';

export type KnownSaes = {
  list: () => Promise<SaeFacts[]>;
  /** Throws ConfigError for a name that no SAE of this device has. */
  entry: (saeId: string) => Promise<SaeEntry>;
  /** null: none of exactly this id */
  exact: (saeId: string) => Promise<SaeEntry | null>;
  /** Puts it in the place of the one of its id, if there is one, and tells the page. */
  put: (entry: SaeEntry) => Promise<void>;
  delete: (saeId: string) => Promise<void>;
  /** Reads what another tab stored or deleted. */
  refresh: () => Promise<void>;
  /** Resolves when SAEs of older versions are known by today's ids, too. */
  identified: () => Promise<void>;
};

export function createKnownSaes(parts: EngineParts, emit: (event: EngineEvent) => void): KnownSaes {
  const { storage } = parts;
  const entries = new Map<string, SaeEntry>();
  let identifying: Promise<void> = Promise.resolve();

  const open = async () => {
    const demo = await fetchDemoEntry(parts).catch((cause: unknown) => {
      emit({ kind: 'problem', problem: toProblem(cause) });
      return null;
    });
    if (demo !== null) entries.set(demo.facts.saeId, demo);
    for (const record of await listRecords(storage, SAE_RECORDS)) {
      entries.set(record.facts.saeId, storedEntry(parts, record));
    }
    // A failure concerns these SAEs only, and is told.
    identifying = completeOlder().catch((cause: unknown) => {
      emit({ kind: 'problem', problem: toProblem(cause) });
    });
  };
  /** One that cannot be read stays as it is. */
  const completeOlder = async () => {
    for (const { facts } of [...entries.values()].filter((held) => isOlder(held.facts))) {
      const record = await getRecord(storage, SAE_RECORDS, facts.saeId);
      const older = record === null ? null : await readOlderSae(parts, record).catch(() => null);
      if (older === null) continue;
      let changed: SaeRecord | undefined;
      await changeRecord(storage, SAE_RECORDS, facts.saeId, (stored) => {
        changed = stored === null ? undefined : completed(stored, older);
        return changed;
      });
      const held = entries.get(facts.saeId);
      if (changed === undefined || held === undefined) continue;
      const { otherIds } = older;
      const isSetAside = facts.statisticsTokens > changed.facts.statisticsTokens;
      entries.set(
        facts.saeId,
        isSetAside ? storedEntry(parts, changed) : { ...held, facts: { ...held.facts, otherIds } },
      );
      if (isSetAside) emit({ kind: 'problem', problem: olderUnits(facts) });
      await announce();
    }
  };
  const ready = once(open);
  const list = async () => {
    await ready();
    return [...entries.values()].map(shownFacts);
  };
  const announce = async () => {
    emit({ kind: 'saes', saes: await list() });
  };
  const entry = async (saeId: string): Promise<SaeEntry> => {
    await ready();
    const named = findSae(await list(), saeId);
    const found = named === null ? undefined : entries.get(named.saeId);
    if (found === undefined) {
      throw new ConfigError(
        `${saeId}: no SAE of that name on this device. Train one, or import its files.`,
        'sae',
      );
    }
    return found;
  };

  const refresh = async () => {
    await ready();
    takeStored(parts, entries, await listRecords(storage, SAE_RECORDS));
    await announce();
  };

  return {
    list,
    entry,
    exact: async (saeId) => {
      await ready();
      return entries.get(saeId) ?? null;
    },
    put: (held) => {
      entries.set(held.facts.saeId, held);
      return announce();
    },
    delete: (saeId) => {
      entries.delete(saeId);
      return announce();
    },
    refresh,
    identified: async () => {
      await ready();
      await identifying;
    },
  };
}

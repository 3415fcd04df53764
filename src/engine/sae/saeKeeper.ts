// Takes SAEs in: into memory first, then into storage. One that is here already keeps what belongs to it.
import type { SaeParams } from '../../core/sae/sae';
import type { CarriedFiles, ParsedSae } from '../../formats/sae/parsedSae';
import { changeRecord } from '../../storage/records';
import type { EngineEvent } from '../api';
import type { EngineParts } from '../parts';
import { toProblem } from '../problems';
import type { SaeFacts } from './api';
import type { KnownSaes } from './knownSaes';
import { isDamage, loaders, memoryEntry, shownFacts, type SaeEntry } from './saeEntries';
import { SAE_RECORDS, type SaeRecord } from './saeRecords';
import type { SaeStatisticsKeeper } from './statisticsKeeper';

type NewSae = { params: SaeParams; carried: CarriedFiles | null };

export type SaeKeeper = {
  /** Stores one that had no room before. Throws StorageFullError. */
  store: (saeId: string) => Promise<SaeFacts>;
  /** Without room in storage it is kept in this tab only, which its facts and a problem say. alsoKept: what is
   *  kept of it elsewhere, as a sentence. */
  add: (facts: SaeFacts, sae: NewSae, alsoKept?: string) => Promise<SaeFacts>;
  /** Files of one that is here: they mend weights that cannot be read, and change nothing else. */
  again: (saeId: string, files: ParsedSae) => Promise<SaeFacts>;
};

export function createSaeKeeper(
  { storage }: EngineParts,
  known: KnownSaes,
  statisticsKeeper: SaeStatisticsKeeper,
  emit: (event: EngineEvent) => void,
): SaeKeeper {
  /** Stores weights, and statistics where there are any. */
  const store = async (saeId: string): Promise<SaeFacts> => {
    const { facts, loadParams, loadCarried } = await known.entry(saeId);
    const carried = await loadCarried();
    const { packSae } = await import('./saeFiles');
    const packed = packSae(facts, await loadParams(), { statistics: null, carried });
    const files = await storage.putBlob(`sae-files/${facts.saeId}`, packed);
    const make = (older: SaeRecord | null): SaeRecord =>
      older === null ? { facts, files, statistics: null } : { ...older, files };
    await changeRecord(storage, SAE_RECORDS, facts.saeId, make, [files]);
    const { isUnstored, ...held } = await known.entry(saeId);
    await known.put(held);
    const statistics = isUnstored === true ? await held.loadStatistics() : null;
    if (statistics !== null) await statisticsKeeper.store(held, statistics);
    return held.facts;
  };

  /** Keeps the SAE in memory first, so that a full disk cannot lose what was just trained. One that is stored
   *  already, and whose weights can be read, stays as it is. */
  const add = async (
    facts: SaeFacts,
    { params, carried }: NewSae,
    alsoKept = '',
  ): Promise<SaeFacts> => {
    const before = await known.exact(facts.saeId);
    if (before !== null && before.isUnstored !== true && (await isSound(before))) {
      return shownFacts(before);
    }
    const held =
      before === null
        ? memoryEntry(facts, params, carried)
        : { ...before, ...loaders(params, carried) };
    await known.put({ ...held, isUnstored: true });
    try {
      await store(facts.saeId);
    } catch (cause) {
      const problem = toProblem(cause);
      const wayOut = `${facts.name} is in this tab only. Download it now, or make room (delete a run, another SAE or a kept model) and press “Store it” in Library. ${alsoKept}`;
      emit({ kind: 'problem', problem: { ...problem, wayOut: wayOut.trim() } });
    }
    return shownFacts(await known.entry(facts.saeId));
  };

  const again = async (saeId: string, files: ParsedSae): Promise<SaeFacts> => {
    const { facts } = await known.entry(saeId);
    const carried = facts.origin === 'imported' ? files.carried : null;
    if (facts.origin !== 'demo') await add(facts, { params: files.params, carried });
    return shownFacts(await known.entry(saeId));
  };

  return { store, add, again };
}

/** Whether its weights can be read. */
async function isSound({ loadParams }: SaeEntry): Promise<boolean> {
  try {
    await loadParams();
    return true;
  } catch (cause) {
    if (isDamage(cause)) return false;
    throw cause;
  }
}

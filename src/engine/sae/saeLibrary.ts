// The available SAEs: the demo's, trained ones, imported ones. Facts are listed immediately; weights and
// statistics are loaded when first needed. All of them are folded: activations are in model units.
import { visibleText } from '../../core/text/visibleText';
import { ConfigError } from '../../core/errors';
import { findSae, findSameSae } from '../../core/sae/findSae';
import type { SaeParams } from '../../core/sae/sae';
import type { SaeStatistics } from '../../core/statistics/saeStatistics';
import type { CarriedFiles, ParsedSae } from '../../formats/sae/parsedSae';
import { formatSaeStatistics } from '../../formats/sae/saeStatistics';
import { deleteRecord } from '../../storage/pointers';
import { changeRecord, getRecord, listRecords } from '../../storage/records';
import type { EngineEvent } from '../api';
import type { ModelFile } from '../shared/api';
import type { CorpusName } from '../text/api';
import type { SaeFacts } from './api';
import type { EngineParts } from '../parts';
import { toProblem } from '../problems';
import { completed, isOlder, olderUnits, readOlderSae } from './olderSae';
import {
  fetchDemoEntry,
  isDamage,
  loaders,
  memoryEntry,
  readSaeFiles,
  shownFacts,
  storedEntry,
  takeStored,
  type SaeEntry,
} from './saeEntries';
import { idsOf, inputOf, shortHook } from './saeFacts';
import { packSae } from './saeFiles';
import { SAE_RECORDS, type SaeRecord } from './saeRecords';
import { checkedSaeName, trainedFacts, type TrainedSae } from './trainedFacts';

export type SaeLibrary = {
  list: () => Promise<SaeFacts[]>;
  get: (saeId: string) => Promise<SaeFacts>;
  params: (saeId: string) => Promise<SaeParams>;
  /** of an imported one, what its files said beside the parameters; otherwise null */
  carried: (saeId: string) => Promise<CarriedFiles | null>;
  /** null until they are computed, and where they cannot be read: then the facts say why */
  statistics: (saeId: string) => Promise<SaeStatistics | null>;
  setStatistics: (
    saeId: string,
    statistics: SaeStatistics,
    corpus: CorpusName,
  ) => Promise<SaeFacts>;
  /** Statistics of a part of the corpus, made on request and kept in memory only. */
  previewStatistics: (
    saeId: string,
    corpus: CorpusName,
    part: { seen: number; goal: number },
    make: () => SaeStatistics,
  ) => Promise<void>;
  /** The pass ended early: its last preview, if any, becomes the statistics, with the goal it missed. */
  keepPreview: (saeId: string) => Promise<void>;
  /** Without room in storage it is kept in this tab only, which its facts and a problem say. */
  addTrained: (o: TrainedSae) => Promise<SaeFacts>;
  /** One that is here already keeps what belongs to it. */
  import: (files: ModelFile[]) => Promise<SaeFacts>;
  /** Stores one that had no room before. Throws StorageFullError. */
  store: (saeId: string) => Promise<SaeFacts>;
  export: (saeId: string) => Promise<Blob>;
  /** Its id, and all that is kept under it, stay. */
  rename: (saeId: string, name: string) => Promise<SaeFacts>;
  delete: (saeId: string) => Promise<void>;
  /** Reads what another tab stored or deleted. */
  refresh: () => Promise<void>;
  /** Told of an SAE that is gone: whoever keeps something of it forgets it. */
  onDeleted: (listener: (sae: SaeFacts) => Promise<void> | void) => void;
  /** Told of an SAE that had no room and is stored now. */
  onStored: (listener: (sae: SaeFacts) => Promise<void> | void) => void;
};

type Listener = (sae: SaeFacts) => Promise<void> | void;

export function createSaeLibrary(
  parts: EngineParts,
  emit: (event: EngineEvent) => void,
): SaeLibrary {
  const { storage } = parts;
  const entries = new Map<string, SaeEntry>();
  const deletedListeners: Listener[] = [];
  const storedListeners: Listener[] = [];
  let opening: Promise<void> | null = null;
  /** Resolves when SAEs of older versions are known by today's ids, too. */
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
  const ready = () => {
    opening ??= open().catch((cause: unknown) => {
      opening = null;
      throw cause;
    });
    return opening;
  };
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

  /** Stores weights, and statistics where there are any. */
  const store = async (saeId: string): Promise<SaeFacts> => {
    const { facts, loadParams, loadCarried } = await entry(saeId);
    const carried = await loadCarried();
    const packed = packSae(facts, await loadParams(), { statistics: null, carried });
    const files = await storage.putBlob(`sae-files/${facts.saeId}`, packed);
    const make = (older: SaeRecord | null): SaeRecord =>
      older === null ? { facts, files, statistics: null } : { ...older, files };
    await changeRecord(storage, SAE_RECORDS, facts.saeId, make, [files]);
    const { isUnstored, ...held } = await entry(saeId);
    entries.set(facts.saeId, held);
    const statistics = isUnstored === true ? await held.loadStatistics() : null;
    if (statistics !== null) await storeStatistics(held, statistics);
    await announce();
    return held.facts;
  };

  const isSound = async ({ loadParams }: SaeEntry) => {
    try {
      await loadParams();
      return true;
    } catch (cause) {
      if (isDamage(cause)) return false;
      throw cause;
    }
  };

  /** Keeps the SAE in memory first, so that a full disk cannot lose what was just trained. One that is stored
   *  already, and whose weights can be read, stays as it is. */
  const add = async (
    facts: SaeFacts,
    { params, carried }: Pick<ParsedSae, 'params'> & { carried: CarriedFiles | null },
    alsoKept = '',
  ): Promise<SaeFacts> => {
    await ready();
    const known = entries.get(facts.saeId) ?? null;
    if (known !== null && known.isUnstored !== true && (await isSound(known))) {
      return shownFacts(known);
    }
    const held =
      known === null
        ? memoryEntry(facts, params, carried)
        : { ...known, ...loaders(params, carried) };
    entries.set(facts.saeId, { ...held, isUnstored: true });
    await announce();
    try {
      await store(facts.saeId);
    } catch (cause) {
      const problem = toProblem(cause);
      const wayOut = `${facts.name} is in this tab only. Download it now, or make room (delete a run, another SAE or a kept model) and press “Store it” in Library. ${alsoKept}`;
      emit({ kind: 'problem', problem: { ...problem, wayOut: wayOut.trim() } });
    }
    return shownFacts(await entry(facts.saeId));
  };

  /** Files of one that is here: they mend weights that cannot be read, and change nothing else. */
  const again = async (saeId: string, files: ParsedSae): Promise<SaeFacts> => {
    const { facts } = await entry(saeId);
    const carried = facts.origin === 'imported' ? files.carried : null;
    if (facts.origin !== 'demo') await add(facts, { params: files.params, carried });
    const text = `${facts.name} is here already: it was opened as it is, with its statistics, notes and evaluations.`;
    emit({ kind: 'notice', text });
    return shownFacts(await entry(saeId));
  };

  /** Facts of the record that a pass changes. */
  const storeStatistics = async ({ facts }: SaeEntry, statistics: SaeStatistics) => {
    const { statisticsTokens, statisticsCorpus, statisticsGoal } = facts;
    const bytes = await formatSaeStatistics(statistics);
    const pointer = await storage.putBlob(`sae-statistics/${facts.saeId}`, bytes);
    const make = (older: SaeRecord | null): SaeRecord | undefined => {
      // Deleted, in another tab maybe.
      if (older === null) return undefined;
      const changed: SaeFacts = { ...older.facts, statisticsTokens };
      if (statisticsCorpus !== undefined) changed.statisticsCorpus = statisticsCorpus;
      if (statisticsGoal === undefined) delete changed.statisticsGoal;
      else changed.statisticsGoal = statisticsGoal;
      return { ...older, facts: changed, statistics: pointer };
    };
    await changeRecord(storage, SAE_RECORDS, facts.saeId, make, [pointer]);
  };

  const keepStatistics = async (
    saeId: string,
    statistics: SaeStatistics,
    o: { corpus: CorpusName; goal: number | null },
  ): Promise<SaeFacts> => {
    const before = await entry(saeId);
    const facts: SaeFacts = {
      ...before.facts,
      statisticsTokens: statistics.countedTokens,
      statisticsCorpus: { name: o.corpus.name, isDemo: o.corpus.isDemo },
    };
    if (o.goal === null) delete facts.statisticsGoal;
    const held: SaeEntry = {
      facts,
      loadParams: before.loadParams,
      loadCarried: before.loadCarried,
      loadStatistics: () => Promise.resolve(statistics),
      ...(before.isUnstored === true && { isUnstored: true }),
    };
    entries.set(facts.saeId, held);
    await announce();
    if (facts.origin === 'demo' || held.isUnstored === true) return shownFacts(held);
    try {
      await storeStatistics(held, statistics);
    } catch (cause) {
      const problem = toProblem(cause);
      const wayOut = `The statistics of ${facts.name} are in this tab only. ${problem.wayOut}`;
      emit({ kind: 'problem', problem: { ...problem, wayOut } });
    }
    return shownFacts(held);
  };

  const readStatistics = async (saeId: string): Promise<SaeStatistics | null> => {
    const held = await entry(saeId);
    try {
      return await held.loadStatistics();
    } catch (cause) {
      if (!isDamage(cause)) throw cause;
      const statisticsDamage = cause.message;
      const loadStatistics = () => Promise.resolve(null);
      entries.set(held.facts.saeId, { ...held, statisticsDamage, loadStatistics });
      await announce();
      return null;
    }
  };

  const refresh = async () => {
    await ready();
    takeStored(parts, entries, await listRecords(storage, SAE_RECORDS));
    await announce();
  };

  return {
    list,
    refresh,
    get: async (saeId) => shownFacts(await entry(saeId)),
    params: async (saeId) => (await entry(saeId)).loadParams(),
    carried: async (saeId) => (await entry(saeId)).loadCarried(),
    statistics: readStatistics,
    store: async (saeId) => {
      const facts = await store(saeId);
      for (const listener of storedListeners) await listener(facts);
      return facts;
    },
    setStatistics: (saeId, statistics, corpus) =>
      keepStatistics(saeId, statistics, { corpus, goal: null }),
    async previewStatistics(saeId, { name, isDemo }, { seen, goal }, make) {
      const held = await entry(saeId);
      const facts = {
        ...held.facts,
        statisticsTokens: seen,
        statisticsGoal: goal,
        statisticsCorpus: { name, isDemo },
      };
      let made: SaeStatistics | null = null;
      const loadStatistics = () => Promise.resolve((made ??= make()));
      entries.set(facts.saeId, { ...held, facts, loadStatistics, isPreview: true });
      await announce();
    },
    async keepPreview(saeId) {
      const { facts, isPreview, loadStatistics } = await entry(saeId);
      const statistics = isPreview === true ? await loadStatistics() : null;
      if (statistics === null || facts.statisticsCorpus === undefined) return;
      const goal = facts.statisticsGoal ?? null;
      await keepStatistics(saeId, statistics, { corpus: facts.statisticsCorpus, goal });
    },
    addTrained: async (o) =>
      add(await trainedFacts(o), { params: o.params, carried: null }, o.alsoKept),
    async import(files) {
      const parsed = await readSaeFiles(files);
      const name = `imported-${shortHook(parsed.hookName)}-${parsed.params.d_sae}`;
      const place = { modelId: visibleText(parsed.modelName), hookPoint: parsed.hookName };
      const ids = await idsOf(name, parsed.params, { ...place, W_dec: parsed.W_dec });
      await ready();
      await identifying;
      const known = findSameSae(await list(), ids);
      if (known !== null) return again(known.saeId, parsed);
      const facts: SaeFacts = {
        ...ids,
        name,
        ...place,
        d_in: parsed.params.d_in,
        d_sae: parsed.params.d_sae,
        architecture: parsed.facts.architecture,
        k: parsed.facts.k,
        contextSize: parsed.facts.contextSize ?? 256,
        ...inputOf(parsed.facts),
        origin: 'imported',
        tokens: parsed.facts.tokens,
        explainedVariance: parsed.facts.explainedVariance,
        l0: parsed.facts.l0,
        deadFraction:
          parsed.facts.deadCount === null ? null : parsed.facts.deadCount / parsed.params.d_sae,
        statisticsTokens: 0,
      };
      return add(facts, parsed);
    },
    async export(saeId) {
      // What is wrong with statistics does not hold back the weights.
      const statistics = await readStatistics(saeId);
      const { facts, loadParams, loadCarried } = await entry(saeId);
      const params = await loadParams();
      const carried = await loadCarried();
      return new Blob([packSae(facts, params, { statistics, carried })], {
        type: 'application/zip',
      });
    },
    async rename(saeId, name) {
      const { facts } = await entry(saeId);
      const wanted = checkedSaeName(facts, name);
      await changeRecord(storage, SAE_RECORDS, facts.saeId, (stored) =>
        stored === null ? undefined : { ...stored, facts: { ...stored.facts, name: wanted } },
      );
      const held = await entry(saeId);
      entries.set(facts.saeId, { ...held, facts: { ...held.facts, name: wanted } });
      await announce();
      return shownFacts(await entry(saeId));
    },
    async delete(saeId) {
      const { facts } = await entry(saeId);
      if (facts.origin === 'demo') {
        throw new ConfigError('The demo SAE ships with the page and cannot be deleted.', 'sae');
      }
      entries.delete(facts.saeId);
      await deleteRecord(storage, SAE_RECORDS.prefix + facts.saeId);
      await announce();
      for (const listener of deletedListeners) await listener(facts);
    },
    onDeleted: (listener) => void deletedListeners.push(listener),
    onStored: (listener) => void storedListeners.push(listener),
  };
}

// The available SAEs: the demo's, trained ones, imported ones. Facts are listed immediately; weights and
// statistics are loaded when first needed. All of them are folded: activations are in model units.
import { visibleText } from '../../core/text/visibleText';
import { ConfigError } from '../../core/errors';
import { findSae, findSameSae } from '../../core/sae/findSae';
import type { SaeConfig, SaeParams } from '../../core/sae/sae';
import type { SaeStatistics } from '../../core/statistics/saeStatistics';
import { zipFiles } from '../../formats/archives/archive';
import { formatSaeLens } from '../../formats/sae/saelens';
import { formatSaeStatistics } from '../../formats/sae/saeStatistics';
import { deleteRecord, repoint } from '../../storage/pointers';
import type { BlobPointer } from '../../storage/storage';
import type { EngineEvent } from '../api';
import type { ModelFile, Problem } from '../shared/api';
import type { CorpusName } from '../text/api';
import type { SaeFacts } from './api';
import type { EngineParts } from '../parts';
import { toProblem } from '../problems';
import { completed, isOlder, readOlderSae } from './olderSae';
import {
  fetchDemoEntry,
  memoryEntry,
  readSaeFiles,
  storedEntry,
  type SaeEntry,
  type SaeRecord,
} from './saeEntries';
import { idsOf, inputOf, saeLensFacts, shortHook } from './saeFacts';

export type SaeLibrary = {
  list: () => Promise<SaeFacts[]>;
  get: (saeId: string) => Promise<SaeFacts>;
  params: (saeId: string) => Promise<SaeParams>;
  /** null until they are computed */
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
  addTrained: (o: TrainedSae) => Promise<SaeFacts>;
  import: (files: ModelFile[]) => Promise<SaeFacts>;
  export: (saeId: string) => Promise<Blob>;
  delete: (saeId: string) => Promise<void>;
  /** Told of an SAE that is gone: whoever keeps something of it forgets it. */
  onDeleted: (listener: (sae: SaeFacts) => Promise<void> | void) => void;
};

type TrainedSae = {
  runId: string;
  modelId: string;
  corpus: CorpusName;
  config: SaeConfig;
  tokens: number;
  explainedVariance: number | null;
  l0: number | null;
  deadFraction: number | null;
  params: SaeParams;
};

const PREFIX = 'sae/';

export function createSaeLibrary(
  parts: EngineParts,
  emit: (event: EngineEvent) => void,
): SaeLibrary {
  const { storage } = parts;
  const entries = new Map<string, SaeEntry>();
  const listeners: ((sae: SaeFacts) => Promise<void> | void)[] = [];
  let opening: Promise<void> | null = null;
  /** Resolves when SAEs of older versions are known by today's ids, too. */
  let identifying: Promise<void> = Promise.resolve();

  const open = async () => {
    const demo = await fetchDemoEntry(parts).catch((cause: unknown) => {
      emit({ kind: 'problem', problem: toProblem(cause) });
      return null;
    });
    if (demo !== null) entries.set(demo.facts.saeId, demo);
    for (const key of await storage.keys(PREFIX)) {
      const record = (await storage.getFacts(key)) as SaeRecord | undefined;
      if (record !== undefined) entries.set(record.facts.saeId, storedEntry(parts, record));
    }
    // A failure concerns these SAEs only, and is told.
    identifying = completeOlder().catch((cause: unknown) => {
      emit({ kind: 'problem', problem: toProblem(cause) });
    });
  };
  /** One that cannot be read stays as it is. */
  const completeOlder = async () => {
    for (const { facts } of [...entries.values()].filter((held) => isOlder(held.facts))) {
      const key = PREFIX + facts.saeId;
      const record = (await storage.getFacts(key)) as SaeRecord | undefined;
      const older =
        record === undefined ? null : await readOlderSae(parts, record).catch(() => null);
      if (older === null) continue;
      let changed: SaeRecord | undefined;
      await repoint(storage, key, (stored) => {
        changed = stored === undefined ? undefined : completed(stored as SaeRecord, older);
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
    return [...entries.values()].map((entry) => entry.facts);
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

  /** Keeps the SAE in memory first, so that a full disk cannot lose what was just trained. */
  const add = async (facts: SaeFacts, params: SaeParams): Promise<SaeFacts> => {
    await ready();
    entries.set(facts.saeId, memoryEntry(facts, params));
    await announce();
    try {
      const files = zipFiles(formatSaeLens(params, saeLensFacts(facts, null)));
      const pointer = await storage.putBlob(`sae-files/${facts.saeId}`, files);
      const record: SaeRecord = { facts, files: pointer, statistics: null };
      await repoint(storage, PREFIX + facts.saeId, () => record);
    } catch (cause) {
      const problem = toProblem(cause);
      const wayOut = `${facts.name} is kept in this tab only: download it now. ${problem.wayOut}`;
      emit({ kind: 'problem', problem: { ...problem, wayOut } });
    }
    return facts;
  };

  const keepStatistics = async (
    saeId: string,
    statistics: SaeStatistics,
    o: { corpus: CorpusName; goal: number | null },
  ): Promise<SaeFacts> => {
    const held = await entry(saeId);
    const facts: SaeFacts = {
      ...held.facts,
      statisticsTokens: statistics.countedTokens,
      statisticsCorpus: { name: o.corpus.name, isDemo: o.corpus.isDemo },
    };
    if (o.goal === null) delete facts.statisticsGoal;
    const { loadParams } = held;
    const loadStatistics = () => Promise.resolve(statistics);
    entries.set(facts.saeId, { facts, loadParams, loadStatistics });
    const record = (await storage.getFacts(PREFIX + facts.saeId)) as SaeRecord | undefined;
    if (record !== undefined) {
      const pointer = await storage.putBlob(
        `sae-statistics/${facts.saeId}`,
        await formatSaeStatistics(statistics),
      );
      await repoint(storage, PREFIX + facts.saeId, (stored) =>
        stored === undefined ? undefined : withStatistics(stored as SaeRecord, facts, pointer),
      );
    }
    await announce();
    return facts;
  };

  return {
    list,
    get: async (saeId) => (await entry(saeId)).facts,
    params: async (saeId) => (await entry(saeId)).loadParams(),
    statistics: async (saeId) => (await entry(saeId)).loadStatistics(),
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
    async addTrained(o) {
      const { config } = o;
      const k = 'k' in config ? config.k : null;
      const kind = `${config.architecture}${k ?? ''}`;
      const name = `${shortHook(config.hookPoint)}-${kind}-${config.d_sae}-${o.runId}`;
      const place = { modelId: o.modelId, hookPoint: config.hookPoint };
      const facts: SaeFacts = {
        ...(await idsOf(name, o.params, { ...place, W_dec: o.params.W_dec })),
        name,
        ...place,
        d_in: config.d_in,
        d_sae: config.d_sae,
        architecture: config.architecture,
        k,
        contextSize: config.contextSize,
        prependBos: config.prependBos,
        excludeSpecialTokens: true,
        origin: 'trained',
        tokens: o.tokens,
        explainedVariance: o.explainedVariance,
        l0: o.l0,
        deadFraction: o.deadFraction,
        statisticsTokens: 0,
        trainingCorpus: { name: o.corpus.name, isDemo: o.corpus.isDemo },
        runId: o.runId,
        deadAfterTokens: o.config.deadAfterTokens,
      };
      return add(facts, o.params);
    },
    async import(files) {
      const parsed = await readSaeFiles(files);
      const name = `imported-${shortHook(parsed.hookName)}-${parsed.params.d_sae}`;
      const place = { modelId: visibleText(parsed.modelName), hookPoint: parsed.hookName };
      const ids = await idsOf(name, parsed.params, { ...place, W_dec: parsed.W_dec });
      await ready();
      await identifying;
      const known = findSameSae(await list(), ids);
      // It has statistics, notes and evaluations already.
      if (known !== null) return known;
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
      return add(facts, parsed.params);
    },
    async export(saeId) {
      const { facts, loadParams, loadStatistics } = await entry(saeId);
      const statistics = await loadStatistics();
      const fireRates =
        statistics === null
          ? null
          : Float32Array.from(statistics.fireCount, (n) => n / statistics.countedTokens);
      const files = formatSaeLens(await loadParams(), saeLensFacts(facts, fireRates));
      return new Blob([zipFiles(files)], { type: 'application/zip' });
    },
    async delete(saeId) {
      const { facts } = await entry(saeId);
      if (facts.origin === 'demo') {
        throw new ConfigError('The demo SAE ships with the page and cannot be deleted.', 'sae');
      }
      entries.delete(facts.saeId);
      await deleteRecord(storage, PREFIX + facts.saeId);
      await announce();
      for (const listener of listeners) await listener(facts);
    },
    onDeleted: (listener) => void listeners.push(listener),
  };
}

/** What was found out of an older SAE meanwhile stays. */
function withStatistics(record: SaeRecord, facts: SaeFacts, statistics: BlobPointer): SaeRecord {
  const { otherIds } = record.facts;
  return { ...record, facts: { ...(otherIds && { otherIds }), ...facts }, statistics };
}

function olderUnits({ name }: SaeFacts): Problem {
  return {
    kind: 'config',
    what: `${name}: its statistics are of activations without the norms of its decoder, in other units than are shown and steered today, so they were set aside.`,
    wayOut: 'Compute them again on Explore.',
    field: null,
  };
}

// Statistics of the SAEs that are known: kept beside their weights, shown early while a pass runs, and let go
// where they cannot be read.
import type { SaeStatistics } from '../../core/statistics/saeStatistics';
import { changeRecord } from '../../storage/records';
import type { EngineEvent } from '../api';
import type { EngineParts } from '../parts';
import { toProblem } from '../problems';
import type { CorpusName } from '../text/api';
import type { SaeFacts } from './api';
import type { KnownSaes } from './knownSaes';
import { isDamage, shownFacts, type SaeEntry } from './saeEntries';
import { SAE_RECORDS, type SaeRecord } from './saeRecords';

export type SaeStatisticsKeeper = {
  /** null until they are computed, and where they cannot be read: then the facts say why */
  read: (saeId: string) => Promise<SaeStatistics | null>;
  /** goal: tokens that the pass was to read, or null for all that it was asked for. Without room in storage
   *  they stay in this tab only, and a problem says so. areShared: another device counted them. */
  keep: (
    saeId: string,
    statistics: SaeStatistics,
    o: { corpus: CorpusName; goal: number | null; areShared?: boolean },
  ) => Promise<SaeFacts>;
  /** Writes those of a stored SAE to its record. */
  store: (held: SaeEntry, statistics: SaeStatistics) => Promise<void>;
  /** Statistics of a part of the corpus, made on request and kept in memory only. */
  preview: (
    saeId: string,
    corpus: CorpusName,
    part: { seen: number; goal: number },
    make: () => SaeStatistics,
  ) => Promise<void>;
  /** The pass ended early: its last preview, if any, becomes the statistics, with the goal it missed. */
  keepPreview: (saeId: string) => Promise<void>;
};

export function createStatisticsKeeper(
  { storage }: EngineParts,
  known: KnownSaes,
  emit: (event: EngineEvent) => void,
): SaeStatisticsKeeper {
  /** Facts of the record that a pass changes. */
  const store = async ({ facts }: SaeEntry, statistics: SaeStatistics) => {
    const { statisticsTokens, statisticsCorpus, statisticsGoal, hasSharedStatistics } = facts;
    const { formatSaeStatistics } = await import('../../formats/sae/saeStatistics');
    const bytes = await formatSaeStatistics(statistics);
    const pointer = await storage.putBlob(`sae-statistics/${facts.saeId}`, bytes);
    const make = (older: SaeRecord | null): SaeRecord | undefined => {
      // Deleted, in another tab maybe.
      if (older === null) return undefined;
      const changed: SaeFacts = { ...older.facts, statisticsTokens };
      if (statisticsCorpus !== undefined) changed.statisticsCorpus = statisticsCorpus;
      if (statisticsGoal === undefined) delete changed.statisticsGoal;
      else changed.statisticsGoal = statisticsGoal;
      if (hasSharedStatistics === undefined) delete changed.hasSharedStatistics;
      else changed.hasSharedStatistics = hasSharedStatistics;
      return { ...older, facts: changed, statistics: pointer };
    };
    await changeRecord(storage, SAE_RECORDS, facts.saeId, make, [pointer]);
  };

  const keep = async (
    saeId: string,
    statistics: SaeStatistics,
    o: { corpus: CorpusName; goal: number | null; areShared?: boolean },
  ): Promise<SaeFacts> => {
    const before = await known.entry(saeId);
    const facts: SaeFacts = {
      ...before.facts,
      statisticsTokens: statistics.countedTokens,
      statisticsCorpus: { name: o.corpus.name, isDemo: o.corpus.isDemo },
    };
    if (o.goal === null) delete facts.statisticsGoal;
    if (o.areShared === true) facts.hasSharedStatistics = true;
    else delete facts.hasSharedStatistics;
    const held: SaeEntry = {
      facts,
      loadParams: before.loadParams,
      loadCarried: before.loadCarried,
      loadStatistics: () => Promise.resolve(statistics),
      ...(before.isUnstored === true && { isUnstored: true }),
    };
    await known.put(held);
    if (facts.origin === 'demo' || held.isUnstored === true) return shownFacts(held);
    try {
      await store(held, statistics);
    } catch (cause) {
      const problem = toProblem(cause);
      const wayOut = `The statistics of ${facts.name} are in this tab only. ${problem.wayOut}`;
      emit({ kind: 'problem', problem: { ...problem, wayOut } });
    }
    return shownFacts(held);
  };

  const read = async (saeId: string): Promise<SaeStatistics | null> => {
    const held = await known.entry(saeId);
    try {
      return await held.loadStatistics();
    } catch (cause) {
      if (!isDamage(cause)) throw cause;
      const statisticsDamage = cause.message;
      const loadStatistics = () => Promise.resolve(null);
      await known.put({ ...held, statisticsDamage, loadStatistics });
      return null;
    }
  };

  return {
    read,
    keep,
    store,
    async preview(saeId, { name, isDemo }, { seen, goal }, make) {
      const held = await known.entry(saeId);
      const facts = {
        ...held.facts,
        statisticsTokens: seen,
        statisticsGoal: goal,
        statisticsCorpus: { name, isDemo },
      };
      let made: SaeStatistics | null = null;
      const loadStatistics = () => Promise.resolve((made ??= make()));
      await known.put({ ...held, facts, loadStatistics, isPreview: true });
    },
    async keepPreview(saeId) {
      const { facts, isPreview, loadStatistics } = await known.entry(saeId);
      const statistics = isPreview === true ? await loadStatistics() : null;
      if (statistics === null || facts.statisticsCorpus === undefined) return;
      await keep(saeId, statistics, {
        corpus: facts.statisticsCorpus,
        goal: facts.statisticsGoal ?? null,
      });
    },
  };
}

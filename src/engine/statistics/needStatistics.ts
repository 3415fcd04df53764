// What a pass over text remembers of every feature, for a program: read where it was kept, computed and kept where not.
import { FULL_EXAMPLES } from '../../core/statistics/exampleChoice';
import { formatSaeStatistics, parseSaeStatistics } from '../../formats/sae/saeStatistics';
import type { SaeFacts } from '../sae/api';
import { valueOf, type Session } from '../session';
import type { JobId } from '../shared/api';

/** Where statistics.bin of an SAE lies. */
export type StatisticsFile = {
  /** null: not there */
  read: () => Promise<Uint8Array<ArrayBuffer> | null>;
  write: (bytes: Uint8Array<ArrayBuffer>) => Promise<void>;
};

/** The SAE with statistics. file: null: they stay in memory. tokens: how many to read where they must be computed.
 *  topKept: strongest examples of a feature, at most 64, default 20; where fewer were kept the text is read again, as
 *  much of it as before at least. */
export async function needStatistics(
  session: Session,
  sae: SaeFacts,
  o: {
    file: StatisticsFile | null;
    tokens: number;
    topKept?: number;
    onProgress: (phase: string, done: number, total: number) => void;
    /** under which reading the text can be cancelled */
    jobId?: JobId;
  },
): Promise<SaeFacts> {
  const { engine, hosts, listen } = session;
  const { topKept = FULL_EXAMPLES.top } = o;
  let facts = await hosts.library.get(sae.saeId);
  const bytes = facts.statisticsTokens > 0 ? null : ((await o.file?.read()) ?? null);
  if (bytes !== null) {
    const kept = await parseSaeStatistics(bytes, sae.d_sae);
    facts = await hosts.library.setStatistics(sae.saeId, kept, hosts.corpusHost.current().facts());
  }
  const kept = facts.statisticsTokens > 0 ? await hosts.library.statistics(sae.saeId) : null;
  if (kept !== null && kept.topKept >= topKept) return facts;
  const readBefore = kept && kept.countedTokens + (kept.details?.excludedTokens ?? 0);
  const unlisten = listen((event) => {
    if (event.kind !== 'progress' || event.progress?.kind !== 'statistics') return;
    const { phase, done, total } = event.progress;
    o.onProgress(phase, done, total ?? o.tokens);
  });
  try {
    facts = valueOf(
      await engine.statistics.compute(sae.saeId, readBefore ?? o.tokens, o.jobId, topKept),
    );
    const made = await hosts.library.statistics(sae.saeId);
    if (made !== null) await o.file?.write(await formatSaeStatistics(made));
    return facts;
  } finally {
    unlisten();
  }
}

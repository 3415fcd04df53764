// What a pass over text remembers of every feature, as statistics.bin beside an SAE's weights: read where it is, computed
// and written where it is not.
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SaeFacts } from '../engine/sae/api';
import type { JobId } from '../engine/shared/api';
import { STATISTICS_FILE } from '../formats/sae/saeFolder';
import { formatSaeStatistics, parseSaeStatistics } from '../formats/sae/saeStatistics';
import { valueOf, type Session } from './session';

/** The SAE with statistics. folder: its own; null: they stay in memory. tokens: how many to read where they must be computed. */
export async function needStatistics(
  session: Session,
  sae: SaeFacts,
  o: {
    folder: string | null;
    tokens: number;
    onProgress: (phase: string, done: number, total: number) => void;
    /** under which reading the text can be cancelled */
    jobId?: JobId;
  },
): Promise<SaeFacts> {
  const { engine, hosts, listen } = session;
  const now = await hosts.library.get(sae.saeId);
  if (now.statisticsTokens > 0) return now;
  const path = o.folder === null ? null : join(o.folder, STATISTICS_FILE);
  if (path !== null && existsSync(path)) {
    const kept = await parseSaeStatistics(Uint8Array.from(await readFile(path)), sae.d_sae);
    return hosts.library.setStatistics(sae.saeId, kept, hosts.corpusHost.current().facts());
  }
  const unlisten = listen((event) => {
    if (event.kind !== 'progress' || event.progress?.kind !== 'statistics') return;
    const { phase, done, total } = event.progress;
    o.onProgress(phase, done, total ?? o.tokens);
  });
  try {
    const facts = valueOf(await engine.statistics.compute(sae.saeId, o.tokens, o.jobId));
    const made = await hosts.library.statistics(sae.saeId);
    if (made !== null && path !== null) await writeFile(path, await formatSaeStatistics(made));
    return facts;
  } finally {
    unlisten();
  }
}

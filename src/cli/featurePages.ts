// An SAE's features as a folder of pages that open offline, with one that lists them all; its statistics are counted, or
// taken from beside its weights.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FULL_EXAMPLES } from '../core/statistics/exampleChoice';
import { TOP_TOKENS } from '../core/statistics/latentStatistics';
import type { SaeFacts } from '../engine/sae/api';
import type { LatentRow } from '../engine/statistics/api';
import { emptyPage } from '../node/emptyPage';
import { statisticsIn } from '../node/saeFolder';
import { needStatistics } from '../engine/statistics/needStatistics';
import { valueOf, type Session } from '../engine/session';
import { makeDashboardPage } from '../ui/explore/export/dashboardPage';
import { makeExplorerPage, type ListedFeature } from '../ui/explore/export/explorerPage';
import { untilInterrupted, type CliIo } from './io';
import { createProgress } from './progress';

/** of text that is read for them, where nothing else is said */
export const STATISTICS_TOKENS = 200_000;
export const TOP_K = `strongest examples shown, at most ${TOP_TOKENS}; where fewer were kept of each feature, the text is read again`;
export const EXPLORER = 'index.html';

type PagesRequest = {
  /** its folder */
  saePath: string;
  /** of text, read where there are no statistics beside the weights */
  tokens: number;
  topK: number;
  /** which of them; throws for one that is not there */
  choose: (rows: readonly LatentRow[]) => readonly LatentRow[];
  /** whole */
  outputDir: string;
};

/** Strongest examples to keep where so many are shown: more are of use to the next call. */
export function keptFor(topK: number): number {
  return Math.max(topK, FULL_EXAMPLES.top);
}

/** Returns the names of the pages; fewer after Ctrl-C. */
export async function writeFeaturePages(
  io: CliIo,
  session: Session,
  opened: SaeFacts,
  { saePath, tokens, topK, choose, outputDir }: PagesRequest,
): Promise<string[]> {
  const progress = createProgress(io);
  try {
    const sae = await untilInterrupted(io, session, (jobId) =>
      needStatistics(session, opened, {
        file: statisticsIn(saePath),
        tokens,
        topKept: keptFor(topK),
        onProgress: progress.show,
        jobId,
      }),
    );
    const rows = valueOf(await session.engine.statistics.rows(sae.saeId));
    const chosen = choose(rows);
    await mkdir(outputDir, { recursive: true });
    const files: string[] = [];
    const listed: ListedFeature[] = [];
    const labels = await labelsOf(session, sae.saeId);
    for (const [i, row] of chosen.entries()) {
      const name = `feature_${row.latentIndex}.html`;
      await writeFile(join(outputDir, name), await pageOf(session, sae, row, topK));
      files.push(name);
      listed.push({ row, label: labels.get(row.latentIndex) ?? '', href: name });
      progress.show('Writing pages', i + 1, chosen.length);
      if (io.interrupt.aborted) break;
    }
    const title = `${listed.length} of ${sae.d_sae} features of ${sae.name}`;
    const page = await makeExplorerPage(listed, { title, origin: originOf(sae) }, emptyPage);
    await writeFile(join(outputDir, EXPLORER), page);
    return [EXPLORER, ...files];
  } finally {
    progress.end();
  }
}

/** Notes, and guesses where there are none. */
async function labelsOf({ engine }: Session, saeId: string): Promise<Map<number, string>> {
  const guesses = (await engine.statistics.labelGuesses(saeId)) ?? [];
  const notes = valueOf(await engine.statistics.notes(saeId));
  return new Map([
    ...guesses.map(({ latentIndex, text }) => [latentIndex, text ?? ''] as const),
    ...notes.map(({ latentIndex, label }) => [latentIndex, label] as const),
  ]);
}

async function pageOf(
  { engine }: Session,
  sae: SaeFacts,
  { latentIndex }: LatentRow,
  topK: number,
) {
  const dashboard = valueOf(await engine.statistics.dashboard(sae.saeId, latentIndex));
  const notes = valueOf(await engine.statistics.notes(sae.saeId));
  const feature = {
    dashboard: { ...dashboard, topExamples: dashboard.topExamples.slice(0, topK) },
    note: notes.find((note) => note.latentIndex === latentIndex),
  };
  const title = `Feature ${latentIndex} of ${sae.name}`;
  return makeDashboardPage([feature], { title, origin: originOf(sae) }, emptyPage);
}

/** As the page's own export tells it. */
function originOf(sae: SaeFacts): string[] {
  const corpus = sae.statisticsCorpus?.name ?? 'the bundled corpus';
  return [
    `SAE ${sae.saeId}, ${sae.hookPoint}, ${sae.d_sae} features`,
    `Statistics over ${sae.statisticsTokens} tokens of ${corpus}.`,
    'Made with nanoscope.',
  ];
}

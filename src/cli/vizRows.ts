// Features of an SAE over rows that another tool computed, as pages: without model or text, each example the row's own
// text, picture or clip.
import { statSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  mediaType,
  plainRow,
  rowName,
  type RowFacts,
  type ShownRow,
} from '../core/activations/rowFacts';
import { exampleRows } from '../core/activations/exampleRows';
import { ConfigError } from '../core/errors';
import { latentDashboard, latentRows } from '../engine/statistics/dashboard';
import { rowStatistics } from '../engine/statistics/rowStatistics';
import type { LatentDashboard, LatentRow } from '../engine/statistics/api';
import { unzipFiles } from '../formats/archives/archive';
import { readRowsFile } from '../formats/archives/rowsFile';
import { parseRowsList } from '../formats/archives/rowsList';
import { emptyPage } from '../node/emptyPage';
import { folderFiles, localFile } from '../node/localFiles';
import { openSaeFolder } from '../node/saeFolder';
import type { MachineChoice } from '../engine/session';
import type { ModelFile } from '../engine/shared/api';
import { makeDashboardPage } from '../ui/explore/export/dashboardPage';
import { makeExplorerPage } from '../ui/explore/export/explorerPage';
import { keptFor } from './featurePages';
import { openCommandSession, refuseInterrupted, type CliIo } from './io';
import { pathOf } from './options';
import { createProgress } from './progress';

type RowsVizRequest = MachineChoice & {
  saePath: string;
  activations: string;
  tensor?: string;
  rows?: string;
  thumbnails?: string;
  topK: number;
  /** whole */
  outputDir: string;
  /** which of them; throws for one that is not there */
  choose: (rows: readonly LatentRow[]) => readonly LatentRow[];
};

const EXPLORER = 'index.html';

/** Returns the names of the pages. */
export async function vizRows(io: CliIo, o: RowsVizRequest): Promise<string[]> {
  const { rows, width, data } = await readRowsFile(
    await localFile(pathOf(io, o.activations)),
    o.tensor,
  );
  const listed = await readList(io, o.rows, rows);
  const thumbnails = await readThumbnails(io, o.thumbnails);
  const session = await openCommandSession(io, o);
  const sae = await openSaeFolder(session, o.saePath);
  if (sae.d_in !== width) {
    throw new ConfigError(
      `d_in: ${o.saePath} has ${sae.d_in}, the rows of ${o.activations} have ${width}`,
      'd_in',
    );
  }
  const factsOf = (row: number): RowFacts => listed.get(row) ?? plainRow(row);
  const progress = createProgress(io);
  try {
    const statistics = await rowStatistics({
      backend: await session.hosts.device.sae(),
      params: await session.hosts.library.params(sae.saeId),
      data,
      textOf: (row) => rowName(factsOf(row)),
      topKept: keptFor(o.topK),
      onProgress: (done) => {
        progress.show('Reading rows', done, rows);
        refuseInterrupted(io);
      },
    });
    const origin = [
      `SAE ${sae.saeId}, ${sae.hookPoint}, ${sae.d_sae} features`,
      `Statistics over ${rows} rows of ${o.activations}, without the model that they came from.`,
      'Made with nanoscope.',
    ];
    await mkdir(o.outputDir, { recursive: true });
    const chosen = o.choose(latentRows(statistics));
    for (const [i, { latentIndex }] of chosen.entries()) {
      const dashboard = latentDashboard(statistics, latentIndex, () => false);
      const rowOf = await shownRows(dashboard, factsOf, thumbnails);
      const top = dashboard.topExamples.slice(0, o.topK);
      const feature = { dashboard: { ...dashboard, topExamples: top }, note: undefined, rowOf };
      const title = `Feature ${latentIndex} of ${sae.name}`;
      const page = await makeDashboardPage([feature], { title, origin }, emptyPage);
      await writeFile(join(o.outputDir, pageName(latentIndex)), page);
      progress.show('Writing pages', i + 1, chosen.length);
      refuseInterrupted(io);
    }
    const list = chosen.map((row) => ({ row, label: '', href: pageName(row.latentIndex) }));
    const title = `${list.length} of ${sae.d_sae} features of ${sae.name}`;
    const front = await makeExplorerPage(list, { title, origin }, emptyPage);
    await writeFile(join(o.outputDir, EXPLORER), front);
    return [EXPLORER, ...chosen.map(({ latentIndex }) => pageName(latentIndex))];
  } finally {
    progress.end();
  }
}

function pageName(latentIndex: number): string {
  return `feature_${latentIndex}.html`;
}

async function readList(io: CliIo, path: string | undefined, rows: number) {
  if (path === undefined) return new Map<number, RowFacts>();
  return parseRowsList(await readFile(pathOf(io, path), 'utf8'), path, rows);
}

async function readThumbnails(io: CliIo, path: string | undefined) {
  if (path === undefined) return new Map<string, ModelFile>();
  const whole = pathOf(io, path);
  if (statSync(whole, { throwIfNoEntry: false })?.isDirectory() !== true) {
    const { blob } = await localFile(whole);
    return new Map((await unzipFiles(blob, path)).map((file) => [file.path, file]));
  }
  // Paths of a folder begin with its own name.
  const files = await folderFiles(whole);
  return new Map(files.map((file) => [file.path.slice(file.path.indexOf('/') + 1), file]));
}

/** Of the rows that this page shows: their files are read once each. */
async function shownRows(
  dashboard: LatentDashboard,
  factsOf: (row: number) => RowFacts,
  files: ReadonlyMap<string, ModelFile>,
): Promise<(row: number) => ShownRow> {
  const sources = new Map<string, string>();
  for (const row of exampleRows([dashboard])) {
    const { ref } = factsOf(row);
    if (ref === undefined || sources.has(ref)) continue;
    const file = files.get(ref);
    if (file === undefined) continue;
    const source = await dataAddress(file);
    if (source !== null) sources.set(ref, source);
  }
  return (row) => {
    const facts = factsOf(row);
    return { facts, source: sources.get(facts.ref ?? '') ?? null };
  };
}

/** null: a kind of file that pages do not show. */
async function dataAddress({ path, blob }: ModelFile): Promise<string | null> {
  const type = mediaType(path);
  if (type === null) return null;
  return `data:${type};base64,${Buffer.from(await blob.arrayBuffer()).toString('base64')}`;
}

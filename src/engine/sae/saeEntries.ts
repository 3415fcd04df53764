// The three places where an SAE of the library can be: shipped with the page, in this browser's storage, or
// in memory only. Each loads weights and statistics on first use and keeps the promise.
import { expandArchives } from '../../formats/archives/archive';
import { parseSaeLens, type ParsedSaeLens, saeLensFileLimit } from '../../formats/sae/saelens';
import { parseSaeStatistics } from '../../formats/sae/saeStatistics';
import type { SaeParams } from '../../core/sae/sae';
import type { SaeStatistics } from '../../core/statistics/saeStatistics';
import type { BlobPointer } from '../../storage/storage';
import type { SaeFacts } from './api';
import type { EngineParts } from '../parts';

export type SaeEntry = {
  facts: SaeFacts;
  loadParams: () => Promise<SaeParams>;
  /** null until they are computed */
  loadStatistics: () => Promise<SaeStatistics | null>;
  /** the statistics are of a pass that is still running */
  isPreview?: true;
};

/** The stored record of one SAE. */
export type SaeRecord = { facts: SaeFacts; files: BlobPointer; statistics: BlobPointer | null };

/** Folder of the demo SAE under public/demo/. */
const DEMO_FOLDER = 'sae';
const DEMO_SAE_FACTS_FILE = `${DEMO_FOLDER}/facts.json`;
const DEMO_SAE_STATISTICS_FILE = `${DEMO_FOLDER}/statistics.bin`;
const DEMO_SAE_WEIGHT_FILES = [
  `${DEMO_FOLDER}/cfg.json`,
  `${DEMO_FOLDER}/sae_weights.safetensors`,
] as const;

export function memoryEntry(facts: SaeFacts, params: SaeParams): SaeEntry {
  return {
    facts,
    loadParams: () => Promise.resolve(params),
    loadStatistics: () => Promise.resolve(null),
  };
}

/** Throws what storage throws for a blob that is gone or damaged. */
export async function readStoredFiles(
  { storage }: EngineParts,
  { files }: Pick<SaeRecord, 'files'>,
): Promise<ParsedSaeLens> {
  const blob = new Blob([await storage.getBlob(files)]);
  return readSaeFiles([{ path: 'sae.zip', blob }]);
}

export function storedEntry(parts: EngineParts, record: SaeRecord): SaeEntry {
  const { storage } = parts;
  return {
    facts: upgradeSaeFacts(record.facts),
    loadParams: once(async () => (await readStoredFiles(parts, record)).params),
    loadStatistics: once(async () =>
      record.statistics === null
        ? null
        : parseSaeStatistics(await storage.getBlob(record.statistics), record.facts.d_sae),
    ),
  };
}

/** The SAE that ships with the page: its facts are fetched now, its weights when steering needs them. */
export async function fetchDemoEntry({ demo }: EngineParts): Promise<SaeEntry> {
  const ignore = () => undefined;
  const [file] = await demo.fetchFiles([DEMO_SAE_FACTS_FILE], ignore);
  // Our own file, written by bench/bakeDemo.ts; a broken one would fail the e2e tests.
  const facts = upgradeSaeFacts(JSON.parse((await file?.blob.text()) ?? '') as SaeFacts);
  return {
    facts,
    loadParams: once(async () => {
      return (await parseSaeLens(await demo.fetchFiles(DEMO_SAE_WEIGHT_FILES, ignore))).params;
    }),
    loadStatistics: once(async () => {
      const [statistics] = await demo.fetchFiles([DEMO_SAE_STATISTICS_FILE], ignore);
      if (statistics === undefined) return null;
      const bytes = new Uint8Array(await statistics.blob.arrayBuffer());
      return parseSaeStatistics(bytes, facts.d_sae);
    }),
  };
}

/** Completes facts written by an older version: before architectures could be chosen, every SAE was TopK, and before
 *  `prependBos` was kept, a <|bos|> stood before documents only. */
function upgradeSaeFacts(stored: SaeFacts): SaeFacts {
  const { architecture = 'topk' }: Partial<SaeFacts> = stored;
  const own = stored.origin === 'imported' ? {} : { prependBos: false, excludeSpecialTokens: true };
  return { ...own, ...stored, architecture };
}

/** SAELens files as dropped by the user: loose or zipped. */
export async function readSaeFiles(files: { path: string; blob: Blob }[]): Promise<ParsedSaeLens> {
  return parseSaeLens(await expandArchives(files, { limitOf: saeLensFileLimit }));
}

/** Loads once; a failure is not cached, so the next call tries again. */
function once<T>(load: () => Promise<T>): () => Promise<T> {
  let pending: Promise<T> | null = null;
  return () => {
    pending ??= load().catch((cause: unknown) => {
      pending = null;
      throw cause;
    });
    return pending;
  };
}

// The three places where an SAE of the library can be: shipped with the page, in this browser's storage, or
// in memory only. Each loads weights and statistics on first use and keeps the promise.
import { isTranscoderPoint, parseHookPoint } from '../../core/activations/hookPoint';
import type { CarriedFiles, ParsedSae } from '../../formats/sae/parsedSae';
import type { SaeParams } from '../../core/sae/sae';
import type { SaeStatistics } from '../../core/statistics/saeStatistics';
import { FormatError } from '../../core/errors';
import { once } from '../../core/once';
import { StorageDamageError } from '../../storage/storage';
import type { ModelFile } from '../shared/api';
import type { FoundSae, SaeFacts } from './api';
import type { SaeRecord } from './saeRecords';
import type { EngineParts } from '../parts';

export type SaeEntry = {
  facts: SaeFacts;
  loadParams: () => Promise<SaeParams>;
  /** of an imported SAE what its files said; null of one that was trained here */
  loadCarried: () => Promise<CarriedFiles | null>;
  /** null until they are computed */
  loadStatistics: () => Promise<SaeStatistics | null>;
  /** the statistics are of a pass that is still running */
  isPreview?: true;
  /** in this tab only: storage had no room for it */
  isUnstored?: true;
  /** why its statistics cannot be read */
  statisticsDamage?: string;
};

/** The facts as the page is told them: with what is so now and is not stored. */
export function shownFacts({ facts, isUnstored, statisticsDamage }: SaeEntry): SaeFacts {
  const now: Partial<SaeFacts> = {
    ...(isUnstored === true && { isUnstored }),
    ...(statisticsDamage !== undefined && { statisticsDamage, statisticsTokens: 0 }),
  };
  return { ...facts, ...now };
}

/** What was stored is missing, changed, or of no known form: nothing that trying again would mend. */
export function isDamage(cause: unknown): cause is StorageDamageError | FormatError {
  return cause instanceof StorageDamageError || cause instanceof FormatError;
}

/** Facts of the demo's transcoders, a list in the order of the blocks; under public/demo/. */
const DEMO_TRANSCODERS_FILE = 'transcoders/facts.json';

/** Folder of what ships of an SAE, under public/demo/. */
export function demoFolder({ hookPoint }: Pick<SaeFacts, 'hookPoint'>): string {
  return isTranscoderPoint(hookPoint)
    ? `transcoders/layer_${parseHookPoint(hookPoint).layer}`
    : DEMO_FOLDER;
}

const DEMO_FOLDER = 'sae';

export function memoryEntry(
  facts: SaeFacts,
  params: SaeParams,
  carried: CarriedFiles | null,
): SaeEntry {
  return {
    facts,
    ...loaders(params, carried),
    loadStatistics: () => Promise.resolve(null),
  };
}

export function loaders(
  params: SaeParams,
  carried: CarriedFiles | null,
): Pick<SaeEntry, 'loadParams' | 'loadCarried'> {
  return {
    loadParams: () => Promise.resolve(params),
    loadCarried: () => Promise.resolve(carried),
  };
}

/** Throws what storage throws for a blob that is gone or damaged. */
export async function readStoredFiles(
  { storage }: EngineParts,
  { files }: Pick<SaeRecord, 'files'>,
): Promise<ParsedSae> {
  const blob = new Blob([await storage.getBlob(files)]);
  return readSaeFiles([{ path: 'sae.zip', blob }]);
}

export function storedEntry(parts: EngineParts, record: SaeRecord): SaeEntry {
  const { storage } = parts;
  return {
    facts: upgradeSaeFacts(record.facts),
    loadParams: once(async () => {
      try {
        return (await readStoredFiles(parts, record)).params;
      } catch (cause) {
        if (!isDamage(cause)) throw cause;
        throw new StorageDamageError(
          `The stored weights of ${record.facts.name} cannot be read: ${cause.message}.`,
          'Import its files again to mend it: its statistics, notes and evaluations are still there.',
          { cause },
        );
      }
    }),
    loadCarried: async () =>
      record.facts.origin === 'imported' ? (await readStoredFiles(parts, record)).carried : null,
    loadStatistics: once(async () =>
      record.statistics === null
        ? null
        : parseStatistics(await storage.getBlob(record.statistics), record.facts.d_sae),
    ),
  };
}

/** Makes the entries those of storage, as another tab left it. What is only in this tab, or being counted here, stays. */
export function takeStored(
  parts: EngineParts,
  entries: Map<string, SaeEntry>,
  records: readonly SaeRecord[],
): void {
  for (const record of records) {
    const held = entries.get(record.facts.saeId);
    if (held?.isUnstored === true || held?.isPreview === true) continue;
    const stored = storedEntry(parts, record);
    const isSame = JSON.stringify(held?.facts) === JSON.stringify(stored.facts);
    if (!isSame) entries.set(record.facts.saeId, stored);
  }
  const kept = new Set(records.map(({ facts }) => facts.saeId));
  for (const { facts, isUnstored } of [...entries.values()]) {
    const isStored = facts.origin !== 'demo' && isUnstored !== true;
    if (isStored && !kept.has(facts.saeId)) entries.delete(facts.saeId);
  }
}

/** The SAE that ships with the page: its facts are fetched now, its weights when steering needs them. */
export async function fetchDemoEntry(parts: EngineParts): Promise<SaeEntry> {
  return demoEntry(parts, await fetchJson<SaeFacts>(parts, `${DEMO_FOLDER}/facts.json`));
}

/** The demo's transcoders, one of each block: their facts now, the rest when it is needed. */
export async function fetchDemoTranscoders(parts: EngineParts): Promise<SaeEntry[]> {
  const facts = await fetchJson<SaeFacts[]>(parts, DEMO_TRANSCODERS_FILE);
  return facts.map((one) => demoEntry(parts, one));
}

const ignore = () => undefined;

/** Our own file, written by bench/bakeDemo.ts; a broken one would fail the e2e tests. */
async function fetchJson<T>({ demo }: EngineParts, path: string): Promise<T> {
  const [file] = await demo.fetchFiles([path], ignore);
  return JSON.parse((await file?.blob.text()) ?? '') as T;
}

function demoEntry({ demo }: EngineParts, shipped: SaeFacts): SaeEntry {
  const facts = upgradeSaeFacts(shipped);
  const folder = demoFolder(facts);
  const weights = [`${folder}/cfg.json`, `${folder}/sae_weights.safetensors`];
  return {
    facts,
    loadParams: once(async () => {
      const { parseSaeLens } = await import('../../formats/sae/saelens');
      return (await parseSaeLens(await demo.fetchFiles(weights, ignore))).params;
    }),
    loadCarried: () => Promise.resolve(null),
    loadStatistics: once(async () => {
      const [statistics] = await demo.fetchFiles([`${folder}/statistics.bin`], ignore);
      if (statistics === undefined) return null;
      const bytes = new Uint8Array(await statistics.blob.arrayBuffer());
      return parseStatistics(bytes, facts.d_sae);
    }),
  };
}

async function parseStatistics(
  bytes: Uint8Array<ArrayBuffer>,
  d_sae: number,
): Promise<SaeStatistics> {
  return (await import('../../formats/sae/saeStatistics')).parseSaeStatistics(bytes, d_sae);
}

/** Before `prependBos` was kept, a <|bos|> stood before documents only. */
function upgradeSaeFacts(stored: SaeFacts): SaeFacts {
  const own = stored.origin === 'imported' ? {} : { prependBos: false, excludeSpecialTokens: true };
  return { ...own, ...stored };
}

/** Files of an SAE as dropped by the user, of any tool that is read: loose or zipped. */
export async function readSaeFiles(files: { path: string; blob: Blob }[]): Promise<ParsedSae> {
  const { openSae } = await import('../../formats/sae/openSae');
  return openSae(await expanded(files));
}

/** The files of each SAE in a drop, which are given to `import` one after the other. */
export async function findSaes(files: readonly ModelFile[]): Promise<FoundSae[]> {
  const { filesBySae } = await import('../../formats/sae/severalSaes');
  return filesBySae(await expanded(files)).map(({ folder, files: own }) => ({
    folder,
    byteLength: own.reduce((sum, { blob }) => sum + blob.size, 0),
    files: [...own],
  }));
}

async function expanded(files: readonly ModelFile[]) {
  const { expandArchives } = await import('../../formats/archives/archive');
  const { saeFileLimit } = await import('../../formats/sae/saeFolder');
  return expandArchives(files, { limitOf: saeFileLimit });
}

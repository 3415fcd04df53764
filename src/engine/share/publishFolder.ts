// A folder for a static host: SAEs as SAELens directories, one per hook point, with statistics, notes and guesses, and a
// list of it all with hashes.
import { zipFiles, unzipFiles } from '../../formats/archives/archive';
import {
  formatManifest,
  MANIFEST_FILE,
  type FolderFile,
  type FolderManifest,
  type FolderSae,
} from '../../formats/share/folderManifest';
import { GUESSES_FILE, NOTES_FILE, STATISTICS_FILE } from '../../formats/sae/saeFolder';
import { formatSaeStatistics } from '../../formats/sae/saeStatistics';
import { ConfigError } from '../../core/errors';
import { sha256Hex } from '../../storage/storage';
import { APP_VERSION } from '../appVersion';
import type { EngineHosts } from '../hosts';
import type { JobStep } from '../jobs';
import { valueOf } from '../problems';
import type { SaeFacts } from '../sae/api';
import type { ModelFile } from '../shared/api';
import type { StatisticsApi } from '../statistics/api';
import { folderReadme } from './folderReadme';

type Bytes = Uint8Array<ArrayBuffer>;
type Hosts = Pick<EngineHosts, 'library'> & { statistics: StatisticsApi };

export type PublishRequest = {
  saeIds: string[];
  /** also what holds text: statistics with their examples, notes, guesses */
  withText: boolean;
};

/** Every file of the folder, by its path in it. */
export async function publishFolder(
  hosts: Hosts,
  { saeIds, withText }: PublishRequest,
  step: JobStep,
): Promise<Map<string, Bytes>> {
  if (saeIds.length === 0) throw new ConfigError('No SAE was chosen.', 'share');
  const files = new Map<string, Bytes>();
  const saes: FolderSae[] = [];
  const taken = new Set<string>();
  for (const [done, saeId] of saeIds.entries()) {
    await step('writing SAEs', done, saeIds.length, 'documents');
    const facts = await hosts.library.get(saeId);
    const folder = freeName(facts.hookPoint, taken);
    const own = new Map(await saeFiles(hosts, facts));
    if (withText) for (const [name, bytes] of await knowledge(hosts, facts)) own.set(name, bytes);
    const listed: FolderFile[] = [];
    for (const [name, bytes] of own) {
      const path = `${folder}/${name}`;
      files.set(path, bytes);
      listed.push({ path, byteLength: bytes.length, sha256: await sha256Hex(bytes) });
    }
    saes.push(entryOf(facts, listed));
  }
  const manifest: FolderManifest = {
    format: 'nanoscope-folder',
    version: 1,
    app: APP_VERSION,
    saes,
  };
  const encoder = new TextEncoder();
  files.set(MANIFEST_FILE, encoder.encode(formatManifest(manifest)));
  files.set('README.md', encoder.encode(folderReadme(manifest)));
  return files;
}

export function asZip(files: ReadonlyMap<string, Bytes>): Blob {
  return new Blob([zipFiles(files)], { type: 'application/zip' });
}

export function asFiles(files: ReadonlyMap<string, Bytes>): ModelFile[] {
  return [...files].map(([path, bytes]) => ({ path, blob: new Blob([bytes]) }));
}

/** blocks.2.hook_resid_post, then blocks.2.hook_resid_post_2 … */
function freeName(hookPoint: string, taken: Set<string>): string {
  let name = hookPoint;
  for (let n = 2; taken.has(name); n++) name = `${hookPoint}_${n}`;
  taken.add(name);
  return name;
}

async function saeFiles({ library }: Hosts, { saeId }: SaeFacts): Promise<[string, Bytes][]> {
  const packed = await unzipFiles(await library.export(saeId), 'sae.zip');
  return Promise.all(
    packed.map(async ({ path, blob }): Promise<[string, Bytes]> => [
      path,
      new Uint8Array(await blob.arrayBuffer()),
    ]),
  );
}

/** What is known of its features, as far as there is any. */
async function knowledge(
  { library, statistics: api }: Hosts,
  { saeId }: SaeFacts,
): Promise<[string, Bytes][]> {
  const statistics = await library.statistics(saeId);
  const notes = valueOf(await api.notes(saeId));
  const guesses = await api.labelGuesses(saeId);
  const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  return [
    ...(statistics === null
      ? []
      : [[STATISTICS_FILE, await formatSaeStatistics(statistics)] satisfies [string, Bytes]]),
    ...(notes.length === 0 ? [] : [[NOTES_FILE, json(notes)] satisfies [string, Bytes]]),
    ...(guesses === null ? [] : [[GUESSES_FILE, json(guesses)] satisfies [string, Bytes]]),
  ];
}

function entryOf(facts: SaeFacts, files: FolderFile[]): FolderSae {
  const { saeId, name, hookPoint, d_in, d_sae, architecture, k, modelId, statisticsCorpus } = facts;
  const corpus =
    statisticsCorpus === undefined || statisticsCorpus.isDemo ? null : statisticsCorpus.name;
  return { saeId, name, hookPoint, d_in, d_sae, architecture, k, model: modelId, corpus, files };
}

// SAEs as folders: SAELens' files, and beside them config.json, which says of which model and text an SAE was made and
// how, so that a later command needs no more than the folder.
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import * as v from 'valibot';
import { parseHookPoint, type HookPoint } from '../core/activations/hookPoint';
import { ConfigError } from '../core/errors';
import type { SaeConfig } from '../core/sae/sae';
import { APP_VERSION } from '../engine/appVersion';
import type { ModelFacts } from '../engine/model/api';
import type { SaeFacts } from '../engine/sae/api';
import { openSaeFiles } from '../engine/sae/openSaeFiles';
import type { CorpusFacts } from '../engine/text/api';
import type { StatisticsFile } from '../engine/statistics/needStatistics';
import { unzipFiles } from '../formats/archives/archive';
import { STATISTICS_FILE } from '../formats/sae/saeFolder';
import { localFile, readIn, writeIn } from './localFiles';
import { valueOf, type Session } from '../engine/session';

/** Of SAELens. */
const SAE_FILES = ['cfg.json', 'sae_weights.safetensors'] as const;
const SPARSITY_FILE = 'sparsity.safetensors';
const CONFIG_FILE = 'config.json';

/** config.json. Paths are relative to its folder, so that both can be moved together. */
const SaeOrigin = v.object({
  format: v.literal('nanoscope-sae'),
  formatVersion: v.literal(1),
  /** of nanoscope */
  version: v.string(),
  checkpoint: v.string(),
  step: v.nullable(v.number()),
  data: v.string(),
  model: v.object({ id: v.string(), name: v.string(), n_layer: v.number(), n_embd: v.number() }),
  corpus: v.object({ id: v.string(), name: v.string() }),
  /** the recipe, every field */
  training: v.looseObject({}),
});
export type SaeOrigin = v.InferOutput<typeof SaeOrigin>;

/** What a run was made of. */
export type MadeOf = {
  checkpoint: string;
  step: number | null;
  data: string;
  model: ModelFacts;
  corpus: Pick<CorpusFacts, 'id' | 'name'>;
  training: SaeConfig;
};

/** `layer_2` for the stream after block 2, `layer_2_transcoder` for the input of its MLP, else the hook point's own
 *  name with underscores. */
export function saeFolderName(hookPoint: HookPoint): string {
  const { layer, site } = parseHookPoint(hookPoint);
  if (site === 'ln2.hook_normalized') return `layer_${layer}_transcoder`;
  return site === 'hook_resid_post'
    ? `layer_${layer}`
    : `layer_${layer}_${site.slice('hook_'.length)}`;
}

/** Writes an SAE of the session as SAELens' files; returns their names. */
export async function writeFilesOf(
  { engine }: Session,
  saeId: string,
  folder: string,
): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const files = await unzipFiles(valueOf(await engine.sae.export(saeId)), 'sae.zip');
  for (const { path, blob } of files) {
    await writeFile(join(folder, path), new Uint8Array(await blob.arrayBuffer()));
  }
  return files.map(({ path }) => path);
}

/** The same with config.json. */
export async function writeSaeFolder(
  session: Session,
  saeId: string,
  folder: string,
  made: MadeOf,
): Promise<void> {
  await writeFilesOf(session, saeId, folder);
  const { model, corpus } = made;
  const origin: SaeOrigin = {
    format: 'nanoscope-sae',
    formatVersion: 1,
    version: APP_VERSION,
    checkpoint: relative(folder, made.checkpoint),
    step: made.step,
    data: relative(folder, made.data),
    model: { id: model.id, name: model.name, n_layer: model.n_layer, n_embd: model.n_embd },
    corpus: { id: corpus.id, name: corpus.name },
    training: { ...made.training },
  };
  await writeFile(join(folder, CONFIG_FILE), `${JSON.stringify(origin, null, 2)}\n`);
}

/** statistics.bin beside the weights. */
export function statisticsIn(folder: string): StatisticsFile {
  return {
    read: () => readIn(folder, STATISTICS_FILE),
    write: (bytes) => writeIn(folder, STATISTICS_FILE, bytes),
  };
}

/** Opens the SAE of a folder. Throws ConfigError naming a file that is missing, ProblemError for a broken one. */
export async function openSaeFolder(session: Session, folder: string): Promise<SaeFacts> {
  const missing = SAE_FILES.find((name) => !existsSync(join(folder, name)));
  if (missing !== undefined) {
    throw new ConfigError(
      `sae-path: ${folder} has no ${missing}; expected ${SAE_FILES.join(' and ')}`,
      'saePath',
    );
  }
  const names = [...SAE_FILES, SPARSITY_FILE].filter((name) => existsSync(join(folder, name)));
  const files = await Promise.all(names.map((name) => localFile(join(folder, name))));
  return openSaeFiles(session, files, basename(folder));
}

/** What config.json says, its paths made whole; null where there is none. Throws ConfigError for another file of that
 *  name. */
export async function readSaeOrigin(folder: string): Promise<SaeOrigin | null> {
  const path = join(folder, CONFIG_FILE);
  if (!existsSync(path)) return null;
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new ConfigError(`${path}: not JSON: ${(cause as Error).message}`, 'saePath');
  }
  const parsed = v.safeParse(SaeOrigin, json);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const field = v.getDotPath(issue) ?? 'its content';
    throw new ConfigError(
      `${path}: ${field}: expected ${issue.expected}, found ${issue.received}`,
      'saePath',
    );
  }
  const { output } = parsed;
  const from = (path: string) => resolve(folder, path);
  return { ...output, checkpoint: from(output.checkpoint), data: from(output.data) };
}

/** Folders of SAEs: the given one, or those in it, by name. Throws ConfigError where there are none. */
export async function saeFoldersIn(folder: string): Promise<string[]> {
  if (!existsSync(folder)) throw new ConfigError(`sae-dir: no such folder: ${folder}`, 'saeDir');
  const isSae = (path: string) => existsSync(join(path, SAE_FILES[0]));
  const inside = (await readdir(folder)).map((name) => join(folder, name)).filter(isSae);
  const found = isSae(folder)
    ? [folder]
    : inside.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  if (found.length > 0) return found;
  throw new ConfigError(
    `sae-dir: no SAE in ${folder}; an SAE is a folder with ${SAE_FILES.join(' and ')}`,
    'saeDir',
  );
}

/** Refuses an SAE of another width or hook point than the model has, naming the field and both values. */
export function checkFits(sae: SaeFacts, model: ModelFacts, folder: string): void {
  if (sae.d_in !== model.n_embd) {
    throw new ConfigError(
      `d_in: ${folder} has ${sae.d_in}, the checkpoint ${model.name} has n_embd ${model.n_embd}`,
      'd_in',
    );
  }
  if (!model.hookPoints.includes(sae.hookPoint)) {
    throw new ConfigError(
      `hook_name: ${folder} reads ${sae.hookPoint}, the checkpoint ${model.name} has layers 0 to ${model.n_layer - 1}`,
      'hook_name',
    );
  }
}

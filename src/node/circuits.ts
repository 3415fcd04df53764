// Sets of transcoders in folders.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../core/errors';
import { isTranscoderPoint } from '../core/activations/hookPoint';
import type { Circuit } from '../engine/circuits/api';
import type { ModelFacts } from '../engine/model/api';
import type { SaeFacts } from '../engine/sae/api';
import { formatCircuitTracer } from '../formats/sae/circuitTracer';
import { checkFits, openSaeFolder, saeFoldersIn } from './saeFolder';
import type { Session } from '../engine/session';

/** The transcoders of a folder; other SAEs in it are passed over. Throws ConfigError where there is none, or one of
 *  another model. */
export async function openTranscoders(
  session: Session,
  model: ModelFacts,
  folder: string,
): Promise<SaeFacts[]> {
  const found: SaeFacts[] = [];
  for (const path of await saeFoldersIn(folder)) {
    const sae = await openSaeFolder(session, path);
    if (!isTranscoderPoint(sae.hookPoint)) continue;
    checkFits(sae, model, path);
    found.push(sae);
  }
  if (found.length > 0) return found;
  throw new ConfigError(
    `transcoders: ${folder} has SAEs, but none of them is a transcoder; train them with --activation transcoder`,
    'transcoders',
  );
}

/** Writes transcoders, one of each block in their order, as circuit-tracer reads a set. Throws ConfigError where it has no
 *  such set. */
export async function writeTranscoderSet(
  { hosts }: Session,
  { saeIds, modelId }: Pick<Circuit, 'saeIds' | 'modelId'>,
  folder: string,
): Promise<string[]> {
  const params = await Promise.all(saeIds.map((saeId) => hosts.library.params(saeId)));
  const files = formatCircuitTracer(params, modelId);
  await mkdir(folder, { recursive: true });
  for (const [name, bytes] of files) await writeFile(join(folder, name), bytes);
  return [...files.keys()];
}

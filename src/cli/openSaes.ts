// An SAE of a folder with the model and the text that it needs: those of its config.json, or the ones that were named.
import type { Command } from 'commander';
import { isSameContent } from '../core/contentId';
import { ConfigError } from '../core/errors';
import type { ModelFacts } from '../engine/model/api';
import type { SaeFacts } from '../engine/sae/api';
import { checkFits, openSaeFolder, readSaeOrigin } from '../node/saeFolder';
import type { MachineChoice, Session } from '../engine/session';
import { openCheckpoint, openText, textPath } from '../node/session';
import { openCommandSession, refuseInterrupted, type CliIo } from './io';
import { pathOf, withCheckpoint, withCommon, type CheckpointOptions } from './options';

export type SaeOptions = CheckpointOptions & { saePath?: string; saeDir?: string };

/** One SAE, with the model and text that it needs. */
export function withSae(command: Command): Command {
  return withCommon(
    withCheckpoint(
      command.option(
        '--sae-path <path>',
        'folder of one SAE, as train writes it or SAELens saves it',
      ),
    ),
  );
}

/** One or several. */
export function withSaes(command: Command): Command {
  return withSae(command).option('--sae-dir <path>', 'folder with several of them');
}

/** Folders whose SAEs belong to one model and one text, in the order given: they can share a session. */
export async function groupByModel(
  io: CliIo,
  folders: readonly string[],
  options: SaeOptions,
): Promise<string[][]> {
  const groups = new Map<string, string[]>();
  for (const folder of folders) {
    const key = options.checkpoint === undefined ? await placeOf(io, folder, options) : 'named';
    groups.set(key, [...(groups.get(key) ?? []), folder]);
  }
  return [...groups.values()];
}

/** Model and text of a folder's config.json, as one string; the folder itself where it has none. */
async function placeOf(io: CliIo, folder: string, options: SaeOptions): Promise<string> {
  const origin = await readSaeOrigin(folder);
  if (origin === null) return folder;
  const data = options.data === undefined ? origin.data : pathOf(io, options.data);
  return JSON.stringify([origin.checkpoint, options.step ?? origin.step, data]);
}

export type OpenedSae = { session: Session; sae: SaeFacts; model: ModelFacts; checkpoint: string };

/** Throws ConfigError, with the field and both values, where the SAE does not belong to the checkpoint. */
export async function openSaes(
  io: CliIo,
  folder: string,
  options: SaeOptions & MachineChoice,
): Promise<OpenedSae> {
  const session = await openCommandSession(io, options);
  const sae = await openSaeFolder(session, folder);
  const origin = await readSaeOrigin(folder);
  const named = options.checkpoint === undefined ? null : pathOf(io, options.checkpoint);
  const checkpoint = named ?? origin?.checkpoint;
  if (checkpoint === undefined) {
    throw new ConfigError(
      `checkpoint: ${folder} has no config.json, which would name it; give --checkpoint`,
      'checkpoint',
    );
  }
  const step = options.step ?? (named === null ? origin?.step : null) ?? null;
  const model = await openCheckpoint(session, {
    path: checkpoint,
    ...(step !== null && { step }),
  });
  checkFits(sae, model, folder);
  refuseInterrupted(io);
  if (origin !== null && !isSameContent(origin.model.id, model.id)) {
    io.note(`Note: this SAE was trained on ${origin.model.id}; ${model.id} is open.`);
  }
  const given = options.data === undefined ? null : pathOf(io, options.data);
  const data = given ?? (named === null ? (origin?.data ?? null) : null);
  await openText(session, textPath(data, checkpoint), options.dataField ?? null);
  return { session, sae, model, checkpoint };
}

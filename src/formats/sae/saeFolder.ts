// The files of an SAE's folder, of every tool that is read: their names and how large they may be.
import { FormatError } from '../../core/errors';
import { readRange } from '../archives/byteRange';
import type { DroppedFile } from '../model/nanochatFolder';

export const CONFIG_FILE = 'cfg.json';
/** of SAELens */
export const WEIGHTS_FILE = 'sae_weights.safetensors';
export const SPARSITY_FILE = 'sparsity.safetensors';
export const SCALER_FILE = 'activation_scaler.json';
/** of sparsify */
export const SPARSIFY_WEIGHTS_FILE = 'sae.safetensors';
/** ours, beside the files of a tool whose own have no room for what is known here */
export const SIDE_FILE = 'nanoscope.json';
/** ours, of what is known of its features: in a published folder, whose list says whose they are */
export const STATISTICS_FILE = 'statistics.bin';
export const NOTES_FILE = 'notes.json';
export const GUESSES_FILE = 'guesses.json';
/** of dictionary_learning */
export const PICKLE_FILE = 'ae.pt';
export const TRAINER_FILE = 'config.json';

const MAX_CONFIG_BYTES = 1024 * 1024;
/** two matrices of 65,536 latents on a stream of 2,048, in f32 */
const MAX_WEIGHT_BYTES = 1024 * 1024 * 1024 + 16 * 1024 * 1024;

/** Bytes that a file of an SAE's folder may have by its path; null: it is none of them. */
export function saeFileLimit(path: string): number | null {
  const name = baseName({ path });
  switch (name) {
    case CONFIG_FILE:
    case SCALER_FILE:
    case SIDE_FILE:
    case TRAINER_FILE:
      return MAX_CONFIG_BYTES;
    case WEIGHTS_FILE:
    case SPARSIFY_WEIGHTS_FILE:
      return MAX_WEIGHT_BYTES;
    case SPARSITY_FILE:
      return MAX_CONFIG_BYTES * 8;
    case STATISTICS_FILE:
      return MAX_CONFIG_BYTES * 512;
    case NOTES_FILE:
      return MAX_CONFIG_BYTES * 32;
    case GUESSES_FILE:
      return MAX_CONFIG_BYTES * 64;
    default:
      return isPickle(name) ? MAX_WEIGHT_BYTES : null;
  }
}

export function baseName({ path }: Pick<DroppedFile, 'path'>): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Of torch.save. */
export function isPickle(name: string): boolean {
  return /\.pth?$/.test(name);
}

/** null without one. Throws FormatError for several. */
export function optionalFile(files: readonly DroppedFile[], name: string): DroppedFile | null {
  const found = files.filter((file) => baseName(file) === name);
  if (found.length > 1) throw severalFiles(name, found.length);
  return found[0] ?? null;
}

/** how: what to drop instead. Throws FormatError unless there is exactly one. */
export function oneFile(files: readonly DroppedFile[], name: string, how: string): DroppedFile {
  const file = optionalFile(files, name);
  if (file !== null) return file;
  throw new FormatError(`dropped files: 0 named ${name}, expected 1; ${how}`);
}

function severalFiles(name: string, count: number): FormatError {
  return new FormatError(
    `dropped files: ${count} named ${name}, expected 1; drop the files of one SAE, or a zip of them`,
  );
}

/** Text of a configuration. Throws FormatError for one that is too long to be one. */
export async function readConfigText({ blob, path }: DroppedFile): Promise<string> {
  const name = baseName({ path });
  if (blob.size > MAX_CONFIG_BYTES) {
    throw new FormatError(`${name}: ${blob.size} bytes; at most ${MAX_CONFIG_BYTES} are read`);
  }
  return new TextDecoder().decode(await readRange(blob, 0, blob.size, name));
}

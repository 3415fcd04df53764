// One way in for the files of an SAE, whatever tool wrote them: finds out by their names and what their
// configuration says, and tells what it found. A new form is one more branch.
import { FormatError } from '../../core/errors';
import { cut, quote } from '../archives/byteRange';
import { readJson } from '../archives/json';
import type { DroppedFile } from '../model/nanochatFolder';
import { parseDictionaryLearning } from './dictionaryLearning';
import { parseOpenAiSae } from './openaiSae';
import type { ParsedSae } from './parsedSae';
import {
  baseName,
  CONFIG_FILE,
  isPickle,
  optionalFile,
  PICKLE_FILE,
  readConfigText,
  SPARSIFY_WEIGHTS_FILE,
  TRAINER_FILE,
  WEIGHTS_FILE,
} from './saeFolder';
import type { KnownPlace } from './saePlace';
import { parseSaeLens } from './saelens';
import { parseSparsify } from './sparsify';

/** The SAE in these files (archives already expanded). known: what its files may leave open. Throws FormatError that
 *  names what was found and what was looked for. */
export async function openSae(
  files: readonly DroppedFile[],
  known: KnownPlace = {},
): Promise<ParsedSae> {
  const names = files.map(baseName);
  const config = optionalFile(files, CONFIG_FILE);
  const isOfSparsify =
    names.includes(SPARSIFY_WEIGHTS_FILE) || (config !== null && (await isSparsify(config)));
  if (config !== null && isOfSparsify) return parseSparsify(files, known);
  if (config !== null || names.includes(WEIGHTS_FILE)) return parseSaeLens(files);
  if (names.includes(PICKLE_FILE) || names.includes(TRAINER_FILE)) {
    return parseDictionaryLearning(files, known);
  }
  const pickles = files.filter((file) => isPickle(baseName(file)));
  const [pickle] = pickles;
  if (pickle !== undefined && pickles.length === 1) return parseOpenAiSae(pickle, known);
  throw new FormatError(
    `dropped files: no SAE among ${listed(names)}; looked for ${CONFIG_FILE} with ${WEIGHTS_FILE} (SAELens) or ${SPARSIFY_WEIGHTS_FILE} (sparsify), ${PICKLE_FILE} with ${TRAINER_FILE} (dictionary_learning), or one .pt (OpenAI)`,
  );
}

async function isSparsify(config: DroppedFile): Promise<boolean> {
  const json = readJson(await readConfigText(config), CONFIG_FILE);
  return (
    typeof json === 'object' &&
    json !== null &&
    ('num_latents' in json || 'expansion_factor' in json) &&
    !('architecture' in json)
  );
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'no files';
  const more = names.length > 6 ? ` and ${names.length - 6} more` : '';
  return cut(names.slice(0, 6).map(quote).join(', ')) + more;
}

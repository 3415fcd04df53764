// What somebody published with an SAE and knows of its features: statistics, notes, guessed names. It is taken where the
// list of the folder names it, by its hash, for just this SAE; what is known here already is never overwritten.
import { counted } from '../../core/text/counted';
import * as v from 'valibot';
import { isSameContent } from '../../core/contentId';
import { FormatError } from '../../core/errors';
import { visibleText } from '../../core/text/visibleText';
import {
  fileCalled,
  MANIFEST_FILE,
  parseManifest,
  type FolderSae,
} from '../../formats/share/folderManifest';
import {
  baseName,
  CONFIG_FILE,
  GUESSES_FILE,
  NOTES_FILE,
  readConfigText,
  STATISTICS_FILE,
  WEIGHTS_FILE,
} from '../../formats/sae/saeFolder';
import { parseSaeStatistics } from '../../formats/sae/saeStatistics';
import { sha256Hex } from '../../storage/storage';
import type { EngineHosts } from '../hosts';
import { valueOf } from '../problems';
import type { SaeFacts } from '../sae/api';
import type { Imported } from '../sae/saeLibrary';
import type { ModelFile } from '../shared/api';
import type { StatisticsApi } from '../statistics/api';
import { createGuessStore, GUESS_RECORDS } from '../statistics/labelHost';
import { createNoteStore, NOTE_RECORDS } from '../statistics/latentNotes';

type Hosts = Pick<EngineHosts, 'library' | 'parts' | 'emit'> & { statistics: StatisticsApi };

/** Longest guess that is taken, in characters. */
const MAX_GUESS = 200;

/** What it came to: part of a sentence each. */
type Taken = { came: string | null; leftOut: string | null };

/** Of one file; bytes: as its list has them. */
type Take = (
  hosts: Hosts,
  sae: SaeFacts,
  o: { listed: FolderSae; bytes: Uint8Array<ArrayBuffer> },
) => Promise<Taken>;

const TAKES: Readonly<Record<string, Take>> = {
  [STATISTICS_FILE]: takeStatistics,
  [NOTES_FILE]: takeNotes,
  [GUESSES_FILE]: takeGuesses,
};

/** A new SAE also gets the name that it was published under. Returns what came and what did not, as sentences; null: the
 *  files hold nothing of it. */
export async function takeKnowledge(
  hosts: Hosts,
  { facts, files, isNew }: Imported,
): Promise<string | null> {
  const listed = await entryOf(facts, files);
  if (isNew && listed !== null) await hosts.library.rename(facts.saeId, listed.name);
  const came: string[] = [];
  const leftOut: string[] = [];
  for (const [name, take] of Object.entries(TAKES)) {
    const given = files.filter((file) => baseName(file) === name);
    if (given.length === 0) continue;
    const bytes = listed === null ? null : await listedBytes(listed, name, given);
    if (listed === null || bytes === null) {
      const why =
        listed === null
          ? `no ${MANIFEST_FILE} beside it says that it belongs to this SAE and its model`
          : `its hash is not the one that ${MANIFEST_FILE} names`;
      leftOut.push(`${name} was left out: ${why}.`);
      continue;
    }
    const taken = await take(hosts, facts, { listed, bytes });
    if (taken.came !== null) came.push(taken.came);
    if (taken.leftOut !== null) leftOut.push(taken.leftOut);
  }
  if (came.length > 0) {
    // The page may have read them when the SAE was listed, before they were here.
    const notesOf = [facts.saeId];
    hosts.emit({ kind: 'elsewhere', hasRuns: false, hasPresets: false, notesOf });
  }
  const name = listed?.name ?? facts.name;
  const sentences = [
    ...(came.length === 0 ? [] : [`With ${name} came, as shared: ${came.join(', ')}.`]),
    ...leftOut,
  ];
  return sentences.length === 0 ? null : sentences.join(' ');
}

/** What the list of a published folder says of this SAE; null: there is no list, or none of its SAEs is of this model and has
 *  these very weights and configuration. Their hashes decide: rounding may have changed the id on its way. */
async function entryOf(
  { modelId }: SaeFacts,
  files: readonly ModelFile[],
): Promise<FolderSae | null> {
  // sparsify's folders have a file of ours of the same name, in which there is no list.
  const lists = files.filter((file) => baseName(file) === MANIFEST_FILE);
  const [list] = lists;
  if (list === undefined || lists.length > 1) return null;
  let saes: FolderSae[];
  try {
    ({ saes } = parseManifest(await readConfigText(list), MANIFEST_FILE));
  } catch (cause) {
    if (cause instanceof FormatError) return null;
    throw cause;
  }
  for (const sae of saes) {
    const { model } = sae;
    if (model !== null && modelId !== null && !isSameContent(model, modelId)) continue;
    const own = [CONFIG_FILE, WEIGHTS_FILE];
    const found = await Promise.all(
      own.map((name) => {
        const given = files.filter((file) => baseName(file) === name);
        return listedBytes(sae, name, given);
      }),
    );
    if (found.every((bytes) => bytes !== null)) return sae;
  }
  return null;
}

/** Of the one that is as it was published; null: none is. */
async function listedBytes(listed: FolderSae, name: string, given: readonly ModelFile[]) {
  const file = fileCalled(listed, name);
  for (const { blob } of given) {
    if (blob.size !== file?.byteLength) continue;
    const bytes = new Uint8Array(await blob.arrayBuffer());
    if ((await sha256Hex(bytes)) === file.sha256) return bytes;
  }
  return null;
}

async function takeStatistics(
  { library }: Hosts,
  { saeId, d_sae }: SaeFacts,
  { listed, bytes }: Parameters<Take>[2],
): Promise<Taken> {
  const { statisticsTokens } = await library.get(saeId);
  if (statisticsTokens > 0) {
    return { came: null, leftOut: 'The statistics that are here stayed.' };
  }
  try {
    const parsed = await parseSaeStatistics(bytes, d_sae);
    const corpus = { name: listed.corpus ?? 'the bundled text', isDemo: listed.corpus === null };
    await library.setStatistics(saeId, parsed, corpus, { areShared: true });
    return { came: `statistics of ${parsed.countedTokens} tokens`, leftOut: null };
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    return { came: null, leftOut: `${STATISTICS_FILE} was left out: ${cause.message}.` };
  }
}

async function takeNotes(
  { statistics, parts }: Hosts,
  { saeId, d_sae }: SaeFacts,
  { bytes }: Parameters<Take>[2],
): Promise<Taken> {
  const notes = NOTE_RECORDS.read(jsonOf(bytes)).value ?? [];
  const here = new Set(valueOf(await statistics.notes(saeId)).map((note) => note.latentIndex));
  const wanted = notes.slice(0, d_sae).filter(({ latentIndex }) => latentIndex < d_sae);
  const others = wanted.filter(({ latentIndex }) => !here.has(latentIndex));
  const added = await createNoteStore(parts.storage).addMissing(saeId, others);
  return {
    came: added === 0 ? null : counted(added, 'note'),
    leftOut: others.length === wanted.length ? null : 'Your own notes stayed as they are.',
  };
}

async function takeGuesses(
  { parts }: Hosts,
  { saeId, d_sae }: SaeFacts,
  { bytes }: Parameters<Take>[2],
): Promise<Taken> {
  const guesses = GUESS_RECORDS.read(jsonOf(bytes)).value ?? [];
  const isWhole = guesses.length === d_sae && guesses.every((one, i) => one.latentIndex === i);
  if (!isWhole) {
    return { came: null, leftOut: `${GUESSES_FILE} was left out: it has not one guess a feature.` };
  }
  const store = createGuessStore(parts.storage);
  if ((await store.read(saeId)) !== null) {
    return { came: null, leftOut: 'The guessed names that are here stayed.' };
  }
  const shown = guesses.map(({ latentIndex, text, score, fires, heldOutFires }) => ({
    latentIndex,
    text: text === null ? null : visibleText(text.slice(0, MAX_GUESS)),
    score,
    fires,
    heldOutFires,
  }));
  await store.write(saeId, shown);
  const named = shown.filter(({ text }) => text !== null).length;
  return { came: counted(named, 'guessed name'), leftOut: null };
}

/** An empty list for what is no JSON. */
function jsonOf(bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes);
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson()), text);
  return parsed.success ? parsed.output : [];
}

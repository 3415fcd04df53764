// Rows of another tool, opened in the place of a model: from the dropped files to what every part of the engine asks of
// an open model. What it cannot do is refused by its runtime.
import { findHookPoint, hookPoint, type HookPoint } from '../../core/activations/hookPoint';
import { plainRow, rowName, type RowFacts } from '../../core/activations/rowFacts';
import { invariant } from '../../core/errors';
import { visibleText } from '../../core/text/visibleText';
import { readRowsFolder, type RowsFolder } from '../../formats/archives/rowsFolder';
import type { DroppedFile } from '../../formats/model/nanochatFolder';
import { NANOCHAT_REVISIONS } from '../../formats/model/nanochatRevision';
import { createRowsRuntime, makeRowsTokenizer, rowsCheckpoint } from '../../model/rowsRuntime';
import { sha256Hex } from '../../storage/storage';
import { openRowsCorpus } from '../text/rowsCorpus';
import type { ModelFacts } from './api';
import type { OpenModel } from './openModel';

/** tensor: which matrix, where the file has several. Throws FormatError naming the file and what was found. */
export async function openRowsModel(
  files: readonly DroppedFile[],
  tensor?: string,
): Promise<OpenModel> {
  const folder = await readRowsFolder(files, tensor);
  const { rows, listed, media } = folder;
  const name = `rows of ${visibleText(folder.file).replaceAll('~', '-')}`;
  const id = `${name}~${await hashRows(folder)}`;
  const factsOf = (row: number) => listed.get(row) ?? plainRow(row);
  const nameOf = (row: number) => rowName(factsOf(row));
  const byteLength = folder.files.reduce((sum, { blob }) => sum + blob.size, 0);
  const [revision] = NANOCHAT_REVISIONS;
  invariant(revision !== undefined, 'the table of revisions has a row');
  const checkpoint = rowsCheckpoint(folder, byteLength, revision);
  const corpus = openRowsCorpus({
    id,
    name,
    rows,
    documentOf: (row) => listed.get(row)?.ref ?? `row ${row}`,
    describe: factsOf,
    nameOf,
  });
  return {
    facts: describeRows(folder, { id, name }, checkpoint.config, byteLength),
    checkpoint,
    tokenizer: makeRowsTokenizer(rows, nameOf),
    read: null,
    rows: {
      runtime: createRowsRuntime(folder, checkpoint),
      corpus,
      files: folder.files,
      labelledLines: () =>
        Array.from(listed.values())
          .filter(({ label }) => label !== '')
          .map(({ row, label }) => JSON.stringify({ text: `row ${row}`, label }))
          .join('\n'),
      views: (wanted) =>
        wanted.map((row) => {
          const facts = factsOf(row);
          return { facts, media: media.get(facts.ref ?? '') ?? null };
        }),
    },
  };
}

function describeRows(
  folder: RowsFolder,
  named: Pick<ModelFacts, 'id' | 'name'>,
  config: OpenModel['checkpoint']['config'],
  byteLength: number,
): ModelFacts {
  const { file, rows, width, listed, media } = folder;
  const refs = new Set(
    Array.from(listed.values())
      .filter(isShown)
      .map(({ ref }) => ref),
  );
  return {
    ...named,
    formerId: named.id,
    keptId: named.id,
    rows: {
      file,
      count: rows,
      width,
      described: listed.size,
      media: media.size,
      missing: Array.from(refs).filter((ref) => !media.has(ref ?? '')).length,
    },
    isDemo: false,
    stage: { isChat: false, why: 'These are rows of a file, not a model.' },
    ...config,
    revision: null,
    revisionSince: null,
    step: null,
    valBpb: null,
    parameterCount: 0,
    byteLength,
    logitSoftcap: 0,
    possibleSoftcaps: [],
    hookPoints: [placeOf(folder.tensor)],
    backend: 'wasm',
    precision: 'f32',
    precisionReason: 'Rows are kept in f32.',
  };
}

/** A picture or a recording, whose ref is a file; of a text it names the document. */
function isShown({ kind, ref }: RowFacts): boolean {
  return ref !== undefined && (kind === 'image' || kind === 'audio');
}

/** Where the tensor's name says they come from; otherwise a place that every model has. */
function placeOf(tensor: string | null): HookPoint {
  const place = findHookPoint(tensor ?? '');
  return place === null ? hookPoint(0, 'hook_resid_post') : hookPoint(place.layer, place.site);
}

/** First 12 hex digits of the SHA-256 over the values and what they stand for. */
async function hashRows({ data, width, listed, media }: RowsFolder): Promise<string> {
  const bytes = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
  const sizes = Array.from(media, ([ref, blob]) => [ref, blob.size]);
  const canonical = JSON.stringify([width, await sha256Hex(bytes), [...listed.values()], sizes]);
  return (await sha256Hex(new TextEncoder().encode(canonical))).slice(0, 12);
}

// Records in storage, edited: whatever one of them says, the others are listed, it is listed or named as
// unreadable, and the engine starts.
import fc from 'fast-check';
import { makeSaeConfig } from '../../../src/core/sae/sae';
import { createEvaluationStore } from '../../../src/engine/evaluate/evaluationStore';
import { createRecordsHost, RECORD_KINDS } from '../../../src/engine/recordsHost';
import { createSnapshotArchive } from '../../../src/engine/sae/snapshotArchive';
import { createNoteStore } from '../../../src/engine/statistics/latentNotes';
import { createRunArchive } from '../../../src/engine/train/runArchive';
import { createMemoryFileStore } from '../../../src/storage/fileStore';
import { createMemoryStorage } from '../../../src/storage/memoryStorage';
import { createMemoryPieceStore } from '../../../src/storage/pieceStore';
import { listRecords } from '../../../src/storage/records';
import { createMemoryLocks } from '../../../src/storage/tabLocks';
import { evaluationOf } from '../evaluationCase';
import { expectThat, type FuzzTarget } from './cases';
import { editedJson } from './jsonEdits';

const config = makeSaeConfig({
  hookPoint: 'blocks.0.hook_resid_post',
  d_in: 4,
  d_sae: 8,
  k: 2,
  tokens: 64,
  batchSize: 16,
  seed: 3,
  contextSize: 16,
});
const blob = (key: string) => ({ key, byteLength: 3, sha256: 'f'.repeat(64) });
const facts = {
  saeId: 'x~0123456789ab',
  name: 'x',
  modelId: 'm',
  hookPoint: 'blocks.0.hook_resid_post',
  d_in: 4,
  d_sae: 8,
  architecture: 'topk',
  k: 2,
  contextSize: 16,
  origin: 'imported',
  tokens: 10,
  explainedVariance: 0.5,
  l0: 2,
  deadFraction: 0,
  statisticsTokens: 100,
};
const note = { latentIndex: 1, label: 'dogs', note: '', tags: ['a'], isStarred: true };

/** A sound record of every kind that is plain JSON, by key. */
const RECORDS: Record<string, unknown> = {
  'run/run-1': {
    runId: 'run-1',
    number: 1,
    modelId: 'm',
    corpusId: 'demo~1',
    config,
    source: 'model',
    isStopped: false,
    groupId: 'group-1',
    queuePlace: null,
    savedStep: 2,
    checkpoint: blob('run-checkpoint/run-1/2#a.0'),
  },
  'run-snapshots/run-1': [{ step: 0, isStarred: false, blob: blob('s'), blocks: [blob('t')] }],
  'sae/x~0123456789ab': { facts, files: blob('files'), statistics: blob('statistics') },
  'notes/x~0123456789ab': [note, { ...note, latentIndex: 2 }],
  'label-guesses/x~0123456789ab': [
    { latentIndex: 0, text: 'a', score: 0.5, fires: 3, heldOutFires: 2 },
  ],
  'evaluation/x~0123456789ab': evaluationOf({ saeId: 'x~0123456789ab', name: 'x' }),
  'kept-model/m~1': {
    id: 'm~1',
    name: 'm',
    isDemo: false,
    byteLength: 3,
    savedAt: '2026-11-30T00:00:00.000Z',
    file: 'm#a.0.safetensors',
    parts: [{ length: 3, sha256: 'f'.repeat(64) }],
  },
};

/** A file: the key of one record on the first line, its edited JSON below. */
export function recordsTarget(): FuzzTarget {
  const files = fc
    .constantFrom(...Object.entries(RECORDS))
    .chain(([key, record]) =>
      editedJson([JSON.stringify(record)]).map((json) => `${key}\n${json || 'null'}`),
    )
    .map((text) => new TextEncoder().encode(text));
  return { name: 'records in storage', files, read: readRecords };
}

async function readRecords(bytes: Uint8Array): Promise<void> {
  const text = new TextDecoder().decode(bytes);
  const end = text.indexOf('\n');
  const [key, edited] = [text.slice(0, end), JSON.parse(text.slice(end + 1)) as unknown];
  const storage = createMemoryStorage();
  for (const [other, record] of Object.entries(RECORDS)) {
    // Its neighbour of the same kind is sound.
    await storage.setFacts(other === key ? `${other}0` : other, record);
  }
  await storage.setFacts(key, edited);
  const parts = {
    storage,
    files: createMemoryFileStore(),
    pieces: createMemoryPieceStore(),
    locks: createMemoryLocks(),
  };
  const records = createRecordsHost(parts, () => undefined);
  await records.sweep();
  const unreadable = await records.unreadable();
  for (const kind of RECORD_KINDS) {
    const expected = Object.keys(RECORDS).filter((other) => other.startsWith(kind.prefix)).length;
    const listed = (await listRecords(storage, kind)).length;
    expectThat(listed >= expected, `${kind.what}: ${listed} listed of ${expected} sound ones`);
    const isOwn = key.startsWith(kind.prefix);
    const isNamed = unreadable.some((record) => record.key === key);
    if (isOwn) expectThat(isNamed || listed > expected, `${key} is neither listed nor named`);
  }
  expectThat(
    unreadable.every((record) => record.key === key),
    `unreadable: ${unreadable.map((record) => record.key).join()}`,
  );
  await createRunArchive(storage).nextNumber();
  await createEvaluationStore(storage).list();
  await createSnapshotArchive(storage).list('run-1');
  await createNoteStore(storage).list(key.slice(key.indexOf('/') + 1));
  const raw = await records.exportRaw(key);
  expectThat(raw.ok, 'a raw record is not handed out');
  await records.delete(key);
  expectThat((await records.unreadable()).length === 0, 'a deleted record is still named');
}

// What storage holds and nobody can read: listed by name, handed out as it is, deleted when asked. And what no
// record names any more is swept at the start.
import * as v from 'valibot';
import { isOwnPreset, type OwnPreset } from '../core/steer/ownPreset';
import { blobsOf, sweepOrphans } from '../storage/pointers';
import { recordsOfPieces, sweepPieces } from '../storage/pieceStore';
import { dropUnreadable, listKind, unreadableRecords, type RecordKind } from '../storage/records';
import { StorageDamageError } from '../storage/storage';
import type { EngineEvent } from './api';
import { KEPT_ACTIVATION_RECORDS } from './activations/keptActivations';
import { EVALUATION_RECORDS } from './evaluate/evaluationStore';
import { DOWNLOAD_RECORDS } from './model/downloadHost';
import { KEPT_MODEL_RECORDS } from './model/modelShelf';
import type { EngineParts } from './parts';
import { outcomes } from './problems';
import { SAE_RECORDS } from './sae/saeRecords';
import { SNAPSHOT_RECORDS } from './sae/snapshotArchive';
import type { RecordsApi, UnreadableRecord } from './shared/api';
import { GUESS_RECORDS } from './statistics/labelHost';
import { NOTE_RECORDS } from './statistics/latentNotes';
import { VECTOR_RECORDS } from './steer/vectorHost';
import { RUN_RECORDS } from './train/runArchive';

/** The page writes them (store/steer/presetActions.ts). */
export const PRESET_RECORDS = listKind({
  prefix: 'page/steer-presets',
  what: 'presets of Steer',
  entry: v.custom<OwnPreset>(isOwnPreset, 'no preset'),
});

/** Every kind that this browser keeps, but downloads, which lie with their pieces. */
export const RECORD_KINDS: readonly RecordKind<unknown>[] = [
  RUN_RECORDS,
  SNAPSHOT_RECORDS,
  SAE_RECORDS,
  NOTE_RECORDS,
  GUESS_RECORDS,
  EVALUATION_RECORDS,
  VECTOR_RECORDS,
  KEPT_MODEL_RECORDS,
  KEPT_ACTIVATION_RECORDS,
  PRESET_RECORDS,
] as readonly RecordKind<unknown>[];

export type RecordsHost = RecordsApi & {
  unreadable: () => Promise<UnreadableRecord[]>;
  /** Deletes what no record names and nobody is about to name. */
  sweep: () => Promise<void>;
};

export function createRecordsHost(
  parts: Pick<EngineParts, 'storage' | 'locks' | 'files' | 'pieces'>,
  emit: (event: EngineEvent) => void,
): RecordsHost {
  const { storage, pieces } = parts;
  const isDownload = (key: string) => key.startsWith(DOWNLOAD_RECORDS.prefix);
  const unreadable = async () => [
    ...(await unreadableRecords(storage, RECORD_KINDS)),
    ...(await unreadableRecords(recordsOfPieces(pieces), [
      DOWNLOAD_RECORDS as RecordKind<unknown>,
    ])),
  ];
  return {
    unreadable,
    async sweep() {
      await sweepOrphans(parts);
      await sweepPieces(pieces);
    },
    ...outcomes({
      async exportRaw(key: string) {
        const facts = await (isDownload(key) ? pieces.get(key) : storage.getFacts(key));
        const files = new Map([['record.json', new TextEncoder().encode(jsonOf(facts))]]);
        for (const pointer of blobsOf(facts)) {
          try {
            files.set(pointer.key.replace(/[^\w./-]/g, '_'), await storage.getBlob(pointer));
          } catch (cause) {
            // The rest is handed out all the same.
            if (!(cause instanceof StorageDamageError)) throw cause;
          }
        }
        const { zipFiles } = await import('../formats/archives/archive');
        return new Blob([zipFiles(files)], { type: 'application/zip' });
      },
      async delete(key: string) {
        const kind = RECORD_KINDS.find(({ prefix }) => key.startsWith(prefix));
        if (isDownload(key)) await pieces.delete([key]);
        else if (kind !== undefined) await dropUnreadable(storage, kind, key);
        emit({ kind: 'unreadable', records: await unreadable() });
      },
    }),
  };
}

/** Arrays of numbers as lists. */
function jsonOf(facts: unknown): string {
  const plain = (_: string, value: unknown) =>
    ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value;
  return JSON.stringify(facts, plain, 2);
}

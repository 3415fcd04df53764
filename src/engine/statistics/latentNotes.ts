// The user's notes about latents: labels, notes, tags, stars, one record per SAE in storage. Texts are cut
// to their maximum lengths here, wherever they come from.
import * as v from 'valibot';
import { cutCharacters } from '../../core/text/cutCharacters';
import { visibleText } from '../../core/text/visibleText';
import { MAX_LABEL, MAX_NOTE } from '../../core/statistics/noteLimits';
import { changeRecord, getRecord, listKind } from '../../storage/records';
import type { Storage } from '../../storage/storage';
import type { LatentNote } from './api';

const MAX_TAGS = 20;
const MAX_TAG = 40;

const Note: v.GenericSchema<unknown, LatentNote> = v.looseObject({
  latentIndex: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  label: v.string(),
  note: v.string(),
  tags: v.array(v.string()),
  isStarred: v.boolean(),
});
/** One record per SAE. */
export const NOTE_RECORDS = listKind({ prefix: 'notes/', what: 'notes of SAE', entry: Note });

export type NoteStore = {
  list: (saeId: string) => Promise<LatentNote[]>;
  /** An empty note is deleted. */
  set: (saeId: string, note: LatentNote) => Promise<LatentNote>;
  /** Of latents about which the record says nothing yet; how many there were. */
  addMissing: (saeId: string, notes: readonly LatentNote[]) => Promise<number>;
  forget: (saeId: string) => Promise<void>;
};

/** bundled: notes that ship with an SAE; a person's own about the same latent stands in its place, an empty one too. */
export function createNoteStore(
  storage: Storage,
  bundled: (saeId: string) => Promise<LatentNote[]> = () => Promise.resolve([]),
): NoteStore {
  return {
    async list(saeId) {
      const own = (await getRecord(storage, NOTE_RECORDS, saeId)) ?? [];
      const latents = new Set(own.map(({ latentIndex }) => latentIndex));
      const shipped = (await bundled(saeId)).filter((note) => !latents.has(note.latentIndex));
      return [...shipped, ...own.filter((note) => !isEmptyNote(note))];
    },
    async set(saeId, note) {
      const kept = cutNote(note);
      const { latentIndex } = kept;
      const isShipped = (await bundled(saeId)).some((one) => one.latentIndex === latentIndex);
      await changeRecord(storage, NOTE_RECORDS, saeId, (notes) => {
        const others = (notes ?? []).filter((one) => one.latentIndex !== latentIndex);
        return isEmptyNote(kept) && !isShipped ? others : [...others, kept];
      });
      return kept;
    },
    async addMissing(saeId, notes) {
      let added = 0;
      const given = notes.map(cutNote).filter((note) => !isEmptyNote(note));
      if (given.length === 0) return 0;
      await changeRecord(storage, NOTE_RECORDS, saeId, (own) => {
        const all = new Map((own ?? []).map((note) => [note.latentIndex, note]));
        const before = all.size;
        for (const note of given) if (!all.has(note.latentIndex)) all.set(note.latentIndex, note);
        added = all.size - before;
        return [...all.values()];
      });
      return added;
    },
    forget: (saeId) => storage.delete(NOTE_RECORDS.prefix + saeId),
  };
}

function cutNote({ latentIndex, label, note, tags, isStarred }: LatentNote): LatentNote {
  // What others wrote comes here too, and a label must not hide or turn round what it says.
  const distinct = [...new Set(tags.map((tag) => cutCharacters(visibleText(tag.trim()), MAX_TAG)))];
  return {
    latentIndex,
    label: cutCharacters(visibleText(label.replace(/\s+/g, ' ').trim()), MAX_LABEL),
    note: cutCharacters(visibleText(note), MAX_NOTE),
    tags: distinct.filter((tag) => tag !== '').slice(0, MAX_TAGS),
    isStarred,
  };
}

function isEmptyNote({ label, note, tags, isStarred }: LatentNote): boolean {
  return label === '' && note.trim() === '' && tags.length === 0 && !isStarred;
}

// The user's notes about latents: labels, notes, tags, stars, one record per SAE in storage. Texts are cut
// to their maximum lengths here, wherever they come from.
import { cutCharacters } from '../../core/text/cutCharacters';
import { visibleText } from '../../core/text/visibleText';
import { MAX_LABEL, MAX_NOTE } from '../../core/statistics/noteLimits';
import type { Storage } from '../../storage/storage';
import type { LatentNote } from './api';

const MAX_TAGS = 20;
const MAX_TAG = 40;

const PREFIX = 'notes/';

export type NoteStore = {
  list: (saeId: string) => Promise<LatentNote[]>;
  /** An empty note is deleted. */
  set: (saeId: string, note: LatentNote) => Promise<LatentNote>;
  forget: (saeId: string) => Promise<void>;
};

export function createNoteStore(storage: Storage): NoteStore {
  const read = async (saeId: string) =>
    ((await storage.getFacts(PREFIX + saeId)) as LatentNote[] | undefined) ?? [];
  return {
    list: read,
    async set(saeId, note) {
      const kept = cutNote(note);
      await storage.updateFacts(PREFIX + saeId, (facts) => {
        const known = (facts as LatentNote[] | undefined) ?? [];
        const others = known.filter(({ latentIndex }) => latentIndex !== kept.latentIndex);
        const notes = isEmptyNote(kept) ? others : [...others, kept];
        return notes.length === 0 ? undefined : notes;
      });
      return kept;
    },
    forget: (saeId) => storage.delete(PREFIX + saeId),
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
